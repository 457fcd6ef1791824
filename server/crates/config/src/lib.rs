//! aspm.toml, user configuration and editor settings: what may come from where
