//! The user's folders. Every function takes the environment as a function, so that tests need not change their own;
//! [`process_env`] is the real one.

use std::ffi::OsString;
use std::path::PathBuf;

/// An environment: the value of a variable by name.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The environment of this process.
#[must_use]
pub fn process_env(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// What can be fetched again: `$ASPM_CACHE_DIR`, else `$XDG_CACHE_HOME/aspm`, else the platform's place
/// (`~/.cache/aspm`, `~/Library/Caches/aspm`, `%LOCALAPPDATA%\aspm\cache`). `None` without a home.
#[must_use]
pub fn cache_dir(env: Env<'_>) -> Option<PathBuf> {
    CACHE.find(env, Platform::HERE)
}

/// What cannot be fetched again: `$ASPM_DATA_DIR`, else `$XDG_DATA_HOME/aspm`, else the platform's place
/// (`~/.local/share/aspm`, `~/Library/Application Support/aspm`, `%LOCALAPPDATA%\aspm\data`). `None` without a home.
#[must_use]
pub fn data_dir(env: Env<'_>) -> Option<PathBuf> {
    DATA.find(env, Platform::HERE)
}

/// The user's configuration: `$ASPM_CONFIG`, else `$XDG_CONFIG_HOME/aspm/config.toml`, else
/// `~/.config/aspm/config.toml` (`%APPDATA%\aspm\config.toml`). `None` without a home.
#[must_use]
pub fn config_file(env: Env<'_>) -> Option<PathBuf> {
    CONFIG.find(env, Platform::HERE)
}

#[derive(Debug, Clone, Copy)]
enum Platform {
    Unix,
    MacOs,
    Windows,
}

impl Platform {
    const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Unix
    };
}

/// Where one thing lies: a variable that names it outright, else below the first base there is.
struct Place {
    whole: &'static str,
    xdg: &'static str,
    xdg_rest: &'static str,
    unix: &'static str,
    mac: &'static str,
    windows: (&'static str, &'static str),
}

const CACHE: Place = Place {
    whole: "ASPM_CACHE_DIR",
    xdg: "XDG_CACHE_HOME",
    xdg_rest: "aspm",
    unix: ".cache/aspm",
    mac: "Library/Caches/aspm",
    windows: ("LOCALAPPDATA", "aspm/cache"),
};
const DATA: Place = Place {
    whole: "ASPM_DATA_DIR",
    xdg: "XDG_DATA_HOME",
    xdg_rest: "aspm",
    unix: ".local/share/aspm",
    mac: "Library/Application Support/aspm",
    windows: ("LOCALAPPDATA", "aspm/data"),
};
const CONFIG: Place = Place {
    whole: "ASPM_CONFIG",
    xdg: "XDG_CONFIG_HOME",
    xdg_rest: "aspm/config.toml",
    unix: ".config/aspm/config.toml",
    mac: ".config/aspm/config.toml",
    windows: ("APPDATA", "aspm/config.toml"),
};

impl Place {
    fn find(&self, env: Env<'_>, platform: Platform) -> Option<PathBuf> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        // A relative base would make files appear wherever an editor happens to run.
        let absolute = |name: &str| set(name).filter(|path| path.is_absolute());
        let below = |base: PathBuf, rest: &str| base.join(rest.split('/').collect::<PathBuf>());
        set(self.whole).or_else(|| absolute(self.xdg).map(|base| below(base, self.xdg_rest))).or_else(|| match platform
        {
            Platform::Unix => absolute("HOME").map(|home| below(home, self.unix)),
            Platform::MacOs => absolute("HOME").map(|home| below(home, self.mac)),
            Platform::Windows => {
                let (base, rest) = self.windows;
                set(base).map(|base| below(base, rest))
            }
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn found(place: &Place, platform: Platform, variables: &[(&str, &str)]) -> Option<String> {
        let env =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value));
        place.find(&env, platform).map(|path| path.to_string_lossy().into_owned())
    }

    #[test]
    fn the_nearest_setting_wins_and_relative_or_empty_ones_do_not_count() {
        let home = ("HOME", "/h");
        for (place, variables, expected) in [
            (&CACHE, vec![("ASPM_CACHE_DIR", "/c"), ("XDG_CACHE_HOME", "/x"), home], Some("/c")),
            (&CACHE, vec![("ASPM_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/x"), home], Some("/x/aspm")),
            (&CACHE, vec![("XDG_CACHE_HOME", "x"), home], Some("/h/.cache/aspm")),
            (&CACHE, vec![home], Some("/h/.cache/aspm")),
            (&CACHE, vec![("HOME", "h")], None),
            (&CACHE, vec![], None),
            (&DATA, vec![("ASPM_DATA_DIR", "/d"), home], Some("/d")),
            (&DATA, vec![("XDG_DATA_HOME", "/x"), home], Some("/x/aspm")),
            (&DATA, vec![home], Some("/h/.local/share/aspm")),
            (&CONFIG, vec![("ASPM_CONFIG", "/c.toml"), home], Some("/c.toml")),
            (&CONFIG, vec![("XDG_CONFIG_HOME", "/x"), home], Some("/x/aspm/config.toml")),
            (&CONFIG, vec![home], Some("/h/.config/aspm/config.toml")),
        ] {
            assert_eq!(found(place, Platform::Unix, &variables).as_deref(), expected, "{variables:?}");
        }
    }

    #[test]
    fn each_platform_has_its_own_place() {
        let all = [("HOME", "/h"), ("LOCALAPPDATA", "/l"), ("APPDATA", "/a")];
        for (place, mac, windows) in [
            (&CACHE, "/h/Library/Caches/aspm", "/l/aspm/cache"),
            (&DATA, "/h/Library/Application Support/aspm", "/l/aspm/data"),
            (&CONFIG, "/h/.config/aspm/config.toml", "/a/aspm/config.toml"),
        ] {
            assert_eq!(found(place, Platform::MacOs, &all).as_deref(), Some(mac));
            assert_eq!(found(place, Platform::Windows, &all).as_deref(), Some(windows));
            assert_eq!(found(place, Platform::Windows, &all[..1]), None);
        }
    }

    #[test]
    fn the_process_environment_is_readable() {
        assert_eq!(process_env("PATH"), std::env::var_os("PATH"));
        assert_eq!(process_env("ASPM_NO_SUCH_VARIABLE"), None);
    }
}
