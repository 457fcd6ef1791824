//! The only git: objects, HEAD, remotes, file content at a commit
