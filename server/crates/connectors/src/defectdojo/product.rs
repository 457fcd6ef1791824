//! What a product says of the application: how much it matters and who reaches it.

use finding::SourceApplication;

use super::api::Api;
use super::schema::Product;
use crate::Error;
use crate::http::HttpError;

/// Asks for a product; `None` where it does not answer: the findings are there all the same.
pub(super) fn facts(api: &Api<'_>, number: i64) -> Result<Option<SourceApplication>, Error> {
    match api.get::<Product>(&format!("products/{number}/"), &[]) {
        Ok((product, _)) if product.id == Some(number) => Ok(Some(of(&product))),
        Ok(_) => Ok(None),
        Err(error @ HttpError::Cancelled) => Err(api.error(error)),
        Err(error) => {
            tracing::info!(%error, "what the product says of the application was not read");
            Ok(None)
        }
    }
}

fn of(product: &Product) -> SourceApplication {
    let words =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let criticality = match product.business_criticality.as_deref().map(str::trim) {
        Some("very high") => Some("critical"),
        Some("high") => Some("high"),
        Some("medium") => Some("medium"),
        Some("low" | "very low" | "none") => Some("low"),
        _ => None,
    };
    // Not ticked is how every product begins: it says nothing.
    let exposure = match (product.internet_accessible, product.external_audience) {
        (Some(true), _) => Some("internet"),
        (_, Some(true)) => Some("partner"),
        _ => None,
    };
    SourceApplication {
        name: words(&product.name),
        criticality: criticality.map(str::to_owned),
        exposure: exposure.map(str::to_owned),
        platform: words(&product.platform),
        lifecycle: words(&product.lifecycle),
        // People are numbers here, whose names a developer may not ask for.
        owner: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_json(product: &serde_json::Value) -> SourceApplication {
        of(&serde_json::from_value(product.clone()).unwrap())
    }

    #[test]
    fn words_of_the_server_become_ours() {
        for (theirs, ours) in [
            ("very high", Some("critical")),
            ("high", Some("high")),
            ("medium", Some("medium")),
            ("low", Some("low")),
            ("very low", Some("low")),
            ("none", Some("low")),
            ("", None),
            ("another", None),
        ] {
            let facts = of_json(&serde_json::json!({ "business_criticality": theirs }));
            assert_eq!(facts.criticality.as_deref(), ours, "{theirs}");
        }
        for (internet, external, ours) in [
            (true, false, Some("internet")),
            (true, true, Some("internet")),
            (false, true, Some("partner")),
            (false, false, None),
        ] {
            let facts = of_json(&serde_json::json!({ "internet_accessible": internet, "external_audience": external }));
            assert_eq!(facts.exposure.as_deref(), ours);
        }
        let facts = of_json(
            &serde_json::json!({ "name": "shop", "platform": "web", "lifecycle": "", "internet_accessible": 7 }),
        );
        let expected = SourceApplication {
            name: Some("shop".into()),
            platform: Some("web".into()),
            ..SourceApplication::default()
        };
        assert_eq!(facts, expected);
    }
}
