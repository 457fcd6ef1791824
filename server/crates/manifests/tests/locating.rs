//! Where a reported package is now, over whole projects.

use std::sync::Arc;

use aspm_manifests::{Before, Ecosystem, File, Files, Format, Located, Manifest, Reported, locate, of_home, parse};
use finding::State;

/// A repository: paths with their text now, and as it was scanned.
struct Repository {
    now: Vec<(&'static str, &'static str)>,
    then: Vec<(&'static str, &'static str)>,
}

impl Before for Repository {
    fn manifest(&self, path: &str) -> Option<Arc<Manifest>> {
        let (_, text) = self.then.iter().find(|(other, _)| *other == path)?;
        Some(Arc::new(parse(Format::of_path(path)?, text)))
    }

    fn is_unchanged(&self, path: &str) -> bool {
        let find =
            |files: &[(&str, &'static str)]| files.iter().find(|(other, _)| *other == path).map(|(_, text)| *text);
        find(&self.then).is_some() && find(&self.then) == find(&self.now)
    }
}

fn repository(now: &[(&'static str, &'static str)]) -> Repository {
    Repository { now: now.to_vec(), then: Vec::new() }
}

impl Repository {
    fn locate(&self, home: Option<&str>, purl: (Option<Ecosystem>, &str), version: &str, fixed: &[&str]) -> Located {
        let paths: Vec<Arc<str>> = self.now.iter().map(|(path, _)| Arc::from(*path)).collect();
        let wanted = home.map_or_else(|| paths.clone(), |home| of_home(home, &paths));
        let file = |path: &Arc<str>| {
            let (_, text) = self.now.iter().find(|(other, _)| **other == **path).expect("there");
            File { path: path.clone(), manifest: Arc::new(parse(Format::of_path(path).expect("known"), text)) }
        };
        let files = Files::new(wanted.iter().map(file).collect());
        let fixed: Vec<String> = fixed.iter().map(|&text| text.to_owned()).collect();
        let version = Some(version).filter(|text| !text.is_empty());
        locate(Reported { ecosystem: purl.0, name: purl.1, version, fixed: &fixed, home }, &files, self)
    }

    /// `state path: token`, with the way.
    fn told(&self, found: &Located) -> String {
        let placement = &found.placement;
        let path = placement.path.as_deref().unwrap_or("nowhere");
        let token = placement.range.as_ref().map(|range| {
            let (_, text) = self.now.iter().find(|(other, _)| *other == path).expect("there");
            text[range.clone()].to_owned()
        });
        let way = if found.way.is_empty() { String::new() } else { format!(" by {}", found.way.join(" > ")) };
        format!("{} {path}: {}{way}", placement.state.label(), token.unwrap_or_default())
    }
}

const GO: &str =
    "module x\ngo 1.21\nrequire (\n\tgithub.com/gin-gonic/gin v1.7.0\n\tgolang.org/x/text v0.3.5 // indirect\n)\n";
const PARENT: &str = "<project><properties><l>2.14.1</l></properties><dependencyManagement><dependencies><dependency>\
    <groupId>g</groupId><artifactId>log</artifactId><version>${l}</version></dependency></dependencies>\
    </dependencyManagement></project>";
const CHILD: &str = "<project><dependencies><dependency><groupId>g</groupId><artifactId>log</artifactId></dependency>\
    <dependency><groupId>g</groupId><artifactId>own</artifactId><version>1.0</version></dependency></dependencies></project>";
const INHERITING: &str = "<project><dependencies><dependency><groupId>g</groupId><artifactId>x</artifactId>\
    <version>${l}</version></dependency></dependencies></project>";
const YARN: &str = "a@^1:\n  version \"1.9.0\"\n  dependencies:\n    b \"^1\"\n\nb@^1:\n  version \"1.0.0\"\n\nb@^2:\n  version \"2.0.0\"\n";
const CARGO: &str = "[package]\nname = \"shop\"\n[dependencies]\nrand = \"0.8\"\n";
const CARGO_LOCK: &str = "[[package]]\nname = \"shop\"\nversion = \"0\"\ndependencies = [\"rand\"]\n[[package]]\nname = \"rand\"\n\
    version = \"0.8.5\"\nsource = \"r\"\ndependencies = [\"libc\"]\n[[package]]\nname = \"libc\"\nversion = \"0.2.80\"\nsource = \"r\"\n";
const COMPILED: &str = "flask==2.0.1\n    # via -r requirements.in\njinja2==2.11.2\n    # via flask\n";
const GEMFILE: &str = "gem \"rails\", \"~> 6.0\"\n";
const GEMFILE_LOCK: &str =
    "GEM\n  specs:\n    rack (2.2.2)\n    rails (6.0.3)\n      rack (~> 2.0)\nDEPENDENCIES\n  rails (~> 6.0)\n";

/// Files; the reported file, ecosystem, name, version, fix; what is told.
type Case = (
    Vec<(&'static str, &'static str)>,
    Option<&'static str>,
    Ecosystem,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn check(cases: Vec<Case>) {
    for (files, home, ecosystem, name, version, fixed, expected) in cases {
        let repository = repository(&files);
        let fixed: Vec<&str> = Some(fixed).filter(|fix| !fix.is_empty()).into_iter().collect();
        let found = repository.locate(home, (Some(ecosystem), name), version, &fixed);
        assert_eq!(repository.told(&found), expected, "{name}: {}", found.placement.reason);
    }
}

#[test]
fn a_module_of_go_or_maven_is_where_it_is_declared() {
    use Ecosystem::{Golang, Maven};
    check(vec![
        (
            vec![("go.mod", GO)],
            Some("go.mod"),
            Golang,
            "github.com/gin-gonic/gin",
            "1.7.0",
            "1.7.7",
            "exact go.mod: v1.7.0",
        ),
        (vec![("go.mod", GO)], None, Golang, "golang.org/x/text", "v0.3.5", "0.3.7", "exact go.mod: v0.3.5"),
        (vec![("go.mod", GO)], None, Golang, "golang.org/x/gone", "v0.3.5", "", "gone go.mod: "),
        (
            vec![("pom.xml", PARENT), ("api/pom.xml", CHILD)],
            Some("api/pom.xml"),
            Maven,
            "g:log",
            "2.14.1",
            "2.15.0",
            "exact pom.xml: ${l}",
        ),
        // Before Go 1.17 only some of what others need was listed.
        (
            vec![("go.mod", "module x\ngo 1.16\n")],
            Some("go.mod"),
            Golang,
            "golang.org/x/gone",
            "v1",
            "",
            "uncertain go.mod: ",
        ),
        (
            vec![("pom.xml", PARENT), ("api/pom.xml", INHERITING)],
            None,
            Maven,
            "g:x",
            "2.14.1",
            "2.15.0",
            "exact api/pom.xml: ${l}",
        ),
        (
            vec![("pom.xml", PARENT), ("api/pom.xml", INHERITING)],
            None,
            Maven,
            "g:x",
            "2.13.0",
            "2.14.0",
            "gone api/pom.xml: ",
        ),
        (vec![("api/pom.xml", CHILD)], None, Maven, "g/own", "1.0", "", "exact api/pom.xml: 1.0"),
        (vec![("api/pom.xml", CHILD)], None, Maven, "g:other", "1.0", "", "unplaced nowhere: "),
    ]);
}

#[test]
fn a_package_is_where_its_project_declares_it_or_what_brings_it() {
    use Ecosystem::{Cargo, Gem, Npm, Pypi};
    check(vec![
        (
            vec![("package.json", "{\"dependencies\":{\"a\":\"^1\"}}"), ("yarn.lock", YARN)],
            Some("yarn.lock"),
            Npm,
            "b",
            "1.0.0",
            "1.0.5",
            "exact package.json: ^1 by a 1.9.0 > b 1.0.0",
        ),
        (vec![("yarn.lock", YARN)], Some("yarn.lock"), Npm, "b", "2.0.0", "", "exact yarn.lock: 2.0.0"),
        (vec![("yarn.lock", YARN)], Some("yarn.lock"), Npm, "b", "1.0.1", "1.0.0", "edited yarn.lock: 1.0.0"),
        (
            vec![("Cargo.toml", CARGO), ("Cargo.lock", CARGO_LOCK)],
            None,
            Cargo,
            "libc",
            "0.2.80",
            "0.2.90",
            "exact Cargo.toml: 0.8 by rand 0.8.5 > libc 0.2.80",
        ),
        (
            vec![("Cargo.toml", CARGO), ("Cargo.lock", CARGO_LOCK)],
            None,
            Cargo,
            "rand",
            "0.8.1",
            "0.8.3",
            "gone Cargo.toml: ",
        ),
        (
            vec![("Cargo.toml", CARGO), ("Cargo.lock", CARGO_LOCK)],
            None,
            Cargo,
            "rand",
            "0.8.1",
            "0.9.0",
            "edited Cargo.toml: 0.8",
        ),
        (
            vec![("Cargo.toml", CARGO), ("Cargo.lock", CARGO_LOCK)],
            None,
            Cargo,
            "rand",
            "0.8.1",
            "",
            "uncertain Cargo.toml: 0.8",
        ),
        (vec![("Cargo.toml", CARGO), ("Cargo.lock", CARGO_LOCK)], None, Cargo, "time", "0.1", "", "gone Cargo.toml: "),
        (
            vec![("requirements.txt", COMPILED)],
            None,
            Pypi,
            "Jinja2",
            "2.11.2",
            "2.11.3",
            "exact requirements.txt: ==2.11.2 by flask ==2.0.1 > jinja2 ==2.11.2",
        ),
        (
            vec![("Gemfile", GEMFILE), ("Gemfile.lock", GEMFILE_LOCK)],
            Some("Gemfile.lock"),
            Gem,
            "rack",
            "2.2.2",
            "2.2.3",
            "exact Gemfile: ~> 6.0 by rails 6.0.3 > rack 2.2.2",
        ),
        (
            vec![
                ("requirements.txt", "-r more/base.txt\n"),
                ("more/base.txt", "x==1\n"),
                ("more/requirements.txt", "a==1\n"),
            ],
            Some("requirements.txt"),
            Pypi,
            "a",
            "1",
            "",
            "uncertain requirements.txt: ",
        ),
    ]);
}

#[test]
fn what_was_declared_at_the_scan_and_is_not_now_is_gone() {
    let mut repository = repository(&[("api/pom.xml", "<project></project>")]);
    let of = |repository: &Repository| repository.locate(Some("api/pom.xml"), (None, "g:own"), "1.0", &[]).placement;
    assert_eq!(of(&repository).state, State::Uncertain);
    repository.then = vec![("api/pom.xml", CHILD)];
    assert_eq!(of(&repository).state, State::Gone);
    // Never declared, and nothing changed: another dependency brings it, as the tool saw.
    repository.then = repository.now.clone();
    assert_eq!((of(&repository).state, of(&repository).range), (State::Exact, None));
}

#[test]
fn a_version_that_cannot_be_compared_is_what_was_scanned_as_long_as_nobody_changed_it() {
    let mut repository = repository(&[("build.gradle", "dependencies { implementation 'g.h:a:latest.release' }")]);
    let of =
        |repository: &Repository| repository.locate(Some("build.gradle"), (None, "g.h:a"), "1.0", &["1.1"]).placement;
    assert_eq!(of(&repository).state, State::Uncertain);
    repository.then = repository.now.clone();
    assert_eq!(of(&repository).state, State::Exact);
}

#[test]
fn a_lock_file_that_is_behind_its_manifest_says_what_to_run() {
    let repository = repository(&[("Cargo.toml", "[dependencies]\nrand = \"0.9\"\n"), ("Cargo.lock", CARGO_LOCK)]);
    let found = repository.locate(None, (Some(Ecosystem::Cargo), "rand"), "0.8.5", &["0.9.0"]);
    assert_eq!(found.placement.state, State::Edited);
    assert!(found.placement.reason.to_string().contains("run cargo update"), "{}", found.placement.reason);
}

#[test]
fn a_name_without_an_ecosystem_is_looked_for_in_all() {
    let repository = repository(&[("go.mod", GO), ("requirements.txt", "jinja2==2.11.2\n")]);
    let found = repository.locate(None, (None, "Jinja2"), "2.11.2", &[]);
    assert_eq!(repository.told(&found), "exact requirements.txt: ==2.11.2");
}

#[test]
fn a_broken_file_makes_nothing_gone() {
    let repository =
        repository(&[("package-lock.json", "{ \"packages\": { \"node_modules/a\": { \"version\": \"1.0.0\" }, \"nod")]);
    let found = repository.locate(Some("package-lock.json"), (None, "b"), "1.0.0", &["1.1.0"]);
    assert_eq!(found.placement.state, State::Uncertain);
    assert!(found.placement.reason.to_string().contains("could not be read whole"), "{}", found.placement.reason);
}
