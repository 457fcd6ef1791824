//! Settings as clients send them.

use aspm_config::Settings;
use finding::Severity;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn settings_are_read_field_by_field_and_the_rest_is_told() {
    let default = Settings::default();
    let of = |code_lens, minimum_severity| Settings { code_lens, minimum_severity };
    assert_eq!(default, of(true, Severity::Info));
    let cases = [
        (json!(null), default.clone(), vec![]),
        (json!({}), default.clone(), vec![]),
        (json!({"codeLens": false, "minimumSeverity": "high"}), of(false, Severity::High), vec![]),
        (json!({"aspm": {"codeLens": false}}), of(false, Severity::Info), vec![]),
        (json!({"aspm": null}), default.clone(), vec![]),
        (json!({"workspaceTrusted": false, "server": {"path": "x"}}), default.clone(), vec![]),
        (
            json!({"codeLens": "yes", "minimumSeverity": "low"}),
            of(true, Severity::Low),
            vec!["Setting `aspm.codeLens` must be true or false, not \"yes\"; the default is used."],
        ),
        (
            json!({"codeLens": false, "minimumSeverity": "High"}),
            of(false, Severity::Info),
            vec![
                "Setting `aspm.minimumSeverity` must be one of info, low, medium, high, critical, not \"High\"; the default is used.",
            ],
        ),
        (
            json!({"minimumSeverity": [1]}),
            default.clone(),
            vec![
                "Setting `aspm.minimumSeverity` must be one of info, low, medium, high, critical, not a list; the default is used.",
            ],
        ),
        (
            json!({"codelens": false, "url": "https://x"}),
            default.clone(),
            vec![
                "Unknown setting `aspm.codelens`; did you mean \"codeLens\"? Known settings: codeLens, minimumSeverity",
                "Unknown setting `aspm.url`. Known settings: codeLens, minimumSeverity",
            ],
        ),
        (json!("off"), default.clone(), vec!["The settings of `aspm` must be an object, not \"off\"."]),
        (json!({"aspm": [1]}), default.clone(), vec!["The settings of `aspm` must be an object, not a list."]),
    ];
    for (given, expected, problems) in cases {
        let (settings, told) = Settings::from_json(&given);
        assert_eq!((settings, told), (expected, problems.into_iter().map(str::to_owned).collect()), "{given}");
    }
}

#[test]
fn settings_survive_a_round_trip() {
    let settings = Settings { code_lens: false, minimum_severity: Severity::Critical };
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(json, json!({"codeLens": false, "minimumSeverity": "critical"}));
    assert_eq!(Settings::from_json(&json), (settings, vec![]));
}

proptest! {
    #[test]
    fn many_unknown_settings_give_a_bounded_list(names in prop::collection::vec(".{0,100}", 0..60)) {
        let given: Value = names.into_iter().map(|name| (name, json!(1))).collect::<serde_json::Map<_, _>>().into();
        let (settings, problems) = Settings::from_json(&given);
        prop_assert_eq!(settings, Settings::default());
        prop_assert!(problems.len() <= 20);
        prop_assert!(problems.iter().all(|problem| problem.len() < 500));
    }
}
