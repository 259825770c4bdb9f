//! Order inside one body: what is live where, what is used after what.
