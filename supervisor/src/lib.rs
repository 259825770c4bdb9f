//! Named, tracked, limited, cleanly stopped async tasks whose failures are never lost.
