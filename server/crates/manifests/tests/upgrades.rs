//! Raising a declared range, in the style of each tool.

use aspm_manifests::{Format, parse, upgrade};

/// The text of a manifest that declares `demo` with `range`.
fn declaring(format: Format, range: &str) -> String {
    match format {
        Format::PackageJson => format!("{{ \"dependencies\": {{ \"demo\": \"{range}\" }} }}"),
        Format::ComposerJson => format!("{{ \"require\": {{ \"v/demo\": \"{range}\" }} }}"),
        Format::Requirements => format!("first==1\ndemo{range}\n"),
        Format::Pyproject if range.starts_with(['=', '>', '<', '~', ' ']) && !range.starts_with("~1") => {
            format!("[project]\ndependencies = ['demo{range}']\n")
        }
        Format::Pyproject => format!("[tool.poetry.dependencies]\ndemo = \"{range}\"\n"),
        Format::CargoToml => format!("[dependencies]\ndemo = {{ version = \"{range}\", features = [] }}\n"),
        Format::GoMod => format!("module x\nrequire example.com/demo {range}\n"),
        Format::Pom => format!(
            "<project><dependencies><dependency><groupId>g</groupId><artifactId>demo</artifactId><version>{range}</version>\
             </dependency></dependencies></project>"
        ),
        Format::Gradle => format!("dependencies {{ implementation 'g.h:demo:{range}' }}\n"),
        Format::Catalog => format!(
            "[versions]\nd = \"{range}\"\n[libraries]\ndemo = {{ module = \"g.h:demo\", version.ref = \"d\" }}\n"
        ),
        Format::Gemfile => format!("gem \"demo\", \"{range}\", require: false\n"),
        other => panic!("{other:?} is no manifest of this test"),
    }
}

fn raised(format: Format, text: &str, to: &str) -> Result<(String, bool), String> {
    let manifest = parse(format, text);
    let package = manifest.packages.iter().find(|package| package.name.text.contains("demo")).expect("declared");
    let upgrade = upgrade(&manifest, package, to)?;
    let mut edited = text.to_owned();
    edited.replace_range(upgrade.range, &upgrade.text);
    Ok((edited, upgrade.is_breaking))
}

#[test]
fn a_range_is_raised_in_its_own_style() {
    use Format::{CargoToml, Catalog, ComposerJson, Gemfile, GoMod, Gradle, PackageJson, Pom, Pyproject, Requirements};
    for (format, range, to, expected) in [
        (PackageJson, "^4.17.15", "4.17.21", "^4.17.21"),
        (PackageJson, "~1.2", "1.3.4", "~1.3.4"),
        (PackageJson, "1.2.3", "2.0.0", "2.0.0"),
        (PackageJson, "v1.2.3", "1.2.4", "v1.2.4"),
        (PackageJson, ">=1.2.0 <2", "1.9.1", ">=1.9.1 <2"),
        (PackageJson, ">1.2.0", "1.9.1", ">=1.9.1"),
        (PackageJson, "1.0.0 - 1.9.9", "1.5.0", "1.5.0 - 1.9.9"),
        (CargoToml, "0.2", "0.2.23", "0.2.23"),
        (CargoToml, "=1.0.50", "1.0.79", "=1.0.79"),
        (CargoToml, ">=1, <2", "1.5.0", ">=1.5.0, <2"),
        (Requirements, "==2.11.2", "2.11.3", "==2.11.3"),
        (Requirements, " >= 2.0 , < 3", "2.11.3", " >= 2.11.3 , < 3"),
        (Requirements, "~=1.4", "1.4.7", "~=1.4.7"),
        (Requirements, "[extra]==1.0 ; python_version > '3'", "1.1", "[extra]==1.1 ; python_version > '3'"),
        (Requirements, ">=1,!=1.5", "1.6", ">=1.6,!=1.5"),
        (Pyproject, ">=2.0,<3", "2.2.5", ">=2.2.5,<3"),
        (Pyproject, "^3.2", "3.2.13", "^3.2.13"),
        (Pyproject, "1.21", "1.22", "1.22"),
        (GoMod, "v1.7.0", "1.7.7", "v1.7.7"),
        (GoMod, "v1.7.0", "v1.7.7", "v1.7.7"),
        (Pom, "2.14.1", "2.15.0", "2.15.0"),
        (Pom, "[1.0,2.0)", "1.5", "[1.5,2.0)"),
        (Gradle, "2.14.1", "2.15.0", "2.15.0"),
        (Catalog, "2.14.1", "2.15.0", "2.15.0"),
        (ComposerJson, "^6.5", "6.5.8", "^6.5.8"),
        (ComposerJson, "~4.4.0", "4.4.50", "~4.4.50"),
        (Gemfile, "~> 6.0.3", "6.0.3.1", "~> 6.0.3.1"),
        (Gemfile, ">= 1.10.4\", \"< 2", "1.11.0", ">= 1.11.0\", \"< 2"),
    ] {
        let text = declaring(format, range);
        let found = raised(format, &text, to).unwrap_or_else(|why| panic!("{format:?} {range}: {why}"));
        assert_eq!(found.0, declaring(format, expected), "{format:?} {range} to {to}");
    }
}

#[test]
fn what_would_not_be_sure_is_refused_in_words() {
    use Format::{CargoToml, ComposerJson, Gemfile, Gradle, PackageJson, Pom, Requirements};
    for (format, range, to, words) in [
        (PackageJson, "^1.0.0 || ^2.0.0", "2.1.0", "several ranges"),
        (PackageJson, ">=1.0.0 <2.0.0", "2.1.0", "leaves 2.1.0 out"),
        (PackageJson, "1.x", "1.5.0", "admits 1.5.0 already"),
        (PackageJson, "1.x", "2.5.0", "leaves 2.5.0 out"),
        (PackageJson, "*", "2.5.0", "admits 2.5.0 already"),
        (PackageJson, "latest", "2.5.0", "not understood"),
        (PackageJson, "git+ssh://x/y", "2.5.0", "not from the registry"),
        (PackageJson, "^2.6.0", "2.5.0", "or later already"),
        (PackageJson, "^2.0.0", "the next one", "no version"),
        (Requirements, "", "2.5.0", "no version is declared"),
        (Requirements, "==1.0 --hash=sha256:aa", "2.5", "hashes"),
        (Requirements, "==1.0.*", "1.5", "leaves 1.5 out"),
        (Requirements, "<2", "1.5", "admits 1.5 already"),
        (CargoToml, "1.*", "1.5.0", "admits 1.5.0 already"),
        (Pom, "${elsewhere}", "2.5.0", "another file defines"),
        (Gradle, "$unknown", "2.5.0", "not defined as a plain text"),
        (Gradle, "latest.release", "2.5.0", "not understood"),
        (ComposerJson, "dev-main", "2.5.0", "not understood"),
        (Gemfile, "~> 1.0\", \"< 1.4", "1.5", "leaves 1.5 out"),
    ] {
        let found = raised(format, &declaring(format, range), to);
        let why = found.expect_err(range);
        assert!(why.contains(words), "{format:?} {range}: {why}");
    }
}

#[test]
fn a_property_or_a_variable_is_changed_where_it_is_defined() {
    let pom = "<project><properties><v>2.14.1</v></properties><dependencies><dependency><groupId>g</groupId>\
               <artifactId>demo</artifactId><version>${v}</version></dependency></dependencies></project>";
    let found = raised(Format::Pom, pom, "2.17.1").expect("raised");
    assert_eq!(found.0, pom.replace("2.14.1", "2.17.1"));
    let script = "def v = '2.9.0'\ndependencies { implementation \"g.h:demo:$v\" }\n";
    let found = raised(Format::Gradle, script, "2.9.10").expect("raised");
    assert_eq!(found.0, script.replace("2.9.0", "2.9.10"));
}

#[test]
fn a_step_to_another_major_version_says_so() {
    for (range, to, is_breaking) in
        [("^1.2.3", "1.9.0", false), ("^1.2.3", "2.0.0", true), ("^0.2.3", "0.3.0", true), ("0.2.3", "0.2.9", false)]
    {
        let found = raised(Format::PackageJson, &declaring(Format::PackageJson, range), to).expect("raised");
        assert_eq!(found.1, is_breaking, "{range} {to}");
    }
}
