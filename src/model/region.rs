//! Regions of clouds, as hosts and settings name them.

/// Regions that are written in one word, besides those that say their direction with numbers.
const AZURE: &[&str] = &[
    "australiacentral",
    "australiacentral2",
    "australiaeast",
    "australiasoutheast",
    "austriaeast",
    "brazilsouth",
    "brazilsoutheast",
    "canadacentral",
    "canadaeast",
    "centralindia",
    "centralus",
    "centraluseuap",
    "chilecentral",
    "eastasia",
    "eastus",
    "eastus2",
    "francecentral",
    "francesouth",
    "germanynorth",
    "germanywestcentral",
    "indonesiacentral",
    "israelcentral",
    "italynorth",
    "japaneast",
    "japanwest",
    "jioindiacentral",
    "jioindiawest",
    "koreacentral",
    "koreasouth",
    "malaysiawest",
    "mexicocentral",
    "newzealandnorth",
    "northcentralus",
    "northeurope",
    "norwayeast",
    "norwaywest",
    "polandcentral",
    "qatarcentral",
    "southafricanorth",
    "southafricawest",
    "southcentralus",
    "southeastasia",
    "southindia",
    "spaincentral",
    "swedencentral",
    "swedensouth",
    "switzerlandnorth",
    "switzerlandwest",
    "uaecentral",
    "uaenorth",
    "uksouth",
    "ukwest",
    "westcentralus",
    "westeurope",
    "westindia",
    "westus",
    "westus2",
    "westus3",
];

/// Beginnings of regions that end in a direction and a number: `eu-west-1`, `europe-west3`.
const AREAS: &[&str] = &[
    "us",
    "us-gov",
    "eu",
    "ap",
    "sa",
    "ca",
    "me",
    "af",
    "il",
    "mx",
    "cn",
    "europe",
    "asia",
    "australia",
    "northamerica",
    "southamerica",
    "africa",
];

const DIRECTIONS: &[&str] = &["east", "west", "north", "south", "central", "northeast", "northwest", "southeast", "southwest"];

/// The region that a host names as a part of itself: `api.eu-west-1.contoso.example`, `contoso-westeurope.contoso.example`.
#[must_use]
pub fn of_host(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    host.split('.').find_map(|label| {
        named(label).or_else(|| {
            // `europe-west3-project`, `project-westeurope-01`, `s3-eu-west-1`.
            let words: Vec<&str> = label.split('-').collect();
            (1..=4.min(words.len())).rev().find_map(|count| words.windows(count).find_map(|window| named(&window.join("-"))))
        })
    })
}

/// The region that a text names as a whole: `West Europe`, `westeurope`, `eu-west-1`, `europe-west3`.
#[must_use]
pub fn named(text: &str) -> Option<String> {
    let lower: String = text.trim().chars().filter(|c| *c != ' ').take(64).collect::<String>().to_ascii_lowercase();
    let is_azure = AZURE.contains(&lower.as_str());
    (is_azure || is_numbered(&lower)).then_some(lower)
}

/// Whether it is like `eu-west-1` or `europe-west3`.
fn is_numbered(text: &str) -> bool {
    let direction = text.trim_end_matches(|c: char| c.is_ascii_digit());
    if direction.len() == text.len() || text.len() - direction.len() > 2 {
        return false;
    }
    let Some((area, direction)) = direction.trim_end_matches('-').rsplit_once('-') else { return false };
    AREAS.contains(&area) && DIRECTIONS.contains(&direction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_parts_of_hosts() {
        let region = |host: &str| of_host(host);
        assert_eq!(region("sqs.eu-west-1.contoso.example").as_deref(), Some("eu-west-1"));
        assert_eq!(region("europe-west3-orders.contoso.example").as_deref(), Some("europe-west3"));
        assert_eq!(region("prod-12.westeurope.logic.contoso.example").as_deref(), Some("westeurope"));
        assert_eq!(region("orders-eastus2-01.contoso.example").as_deref(), Some("eastus2"));
        assert_eq!(region("us-1.contoso.example"), None);
        assert_eq!(region("northwest-1.contoso.example"), None);
        assert_eq!(named("West Europe").as_deref(), Some("westeurope"));
        assert_eq!(named("[resourceGroup().location]"), None);
    }
}
