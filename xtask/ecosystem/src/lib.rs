//! Nothing: this package only pins published packages by version.
