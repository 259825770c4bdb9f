//! The macro that declares a closed vocabulary.
//!
//! It gives each vocabulary its kebab-case spelling in the TOML files and the list of its words.
//! It declares none itself.

/// Declares a closed vocabulary whose words are spelled in kebab-case in the TOML files.
macro_rules! words {
    ($($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident,)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vmeta])* $variant,)* }
        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
        }
    )*};
}

pub(super) use words;
