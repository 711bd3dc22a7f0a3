//! Site settings: names and values that the site reads when it runs.

use super::record::{Field, Record};
use crate::model::secret::{self, Position, is_placeholder, is_secret_name};
use crate::model::vocabulary::{Auth, Exposure, SecretPlace, Storage, TriggerKind};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::power_platform::Context;
use std::borrow::Cow;
use std::collections::HashMap;

/// A setting with its value.
struct Setting<'r, 't> {
    name: &'r Cow<'t, str>,
    value: &'r Field<'t>,
    place: Place,
}

/// The site that settings belong to.
pub(super) struct Owner<'t> {
    pub(super) app: AppId,
    pub(super) name: Cow<'t, str>,
}

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, site: &Owner<'t>, records: &[&Record<'t>]) {
    let settings: Vec<Setting<'_, 't>> = records
        .iter()
        .filter_map(|record| Some(Setting { name: &record.get("name")?.0, value: record.get("value")?, place: record.place }))
        .collect();
    let values: HashMap<String, &str> = settings.iter().map(|one| (one.name.to_ascii_lowercase(), &*one.value.0)).collect();
    let has = |name: &str, value: &str| values.get(&name.to_ascii_lowercase()).is_some_and(|known| known.eq_ignore_ascii_case(value));
    // Who cannot register at all cannot register freely.
    let closed = has("Authentication/Registration/Enabled", "false");
    for one in &settings {
        if one.is("Authentication/Registration/OpenRegistrationEnabled") && !closed {
            one.state(context, site.app, "open-registration");
        } else if one.is("Webapi/error/innererror") {
            one.state(context, site.app, "error-details");
        } else if one.is("HTTP/Access-Control-Allow-Origin") {
            entry(context, site, one);
        } else if let Some(table) = one.web_api("fields") {
            // Columns count only where the table is open at all.
            if has(&format!("Webapi/{table}/enabled"), "true") {
                one.state(context, site.app, "web-api-columns");
            }
        }
        secrets(context, site.app, one);
    }
}

impl<'t> Setting<'_, 't> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The table whose part `end` of the web API this setting is about.
    fn web_api(&self, end: &str) -> Option<&str> {
        let (api, rest) = self.name.split_once('/')?;
        let (table, part) = rest.split_once('/')?;
        (api.eq_ignore_ascii_case("webapi") && part.eq_ignore_ascii_case(end)).then_some(table)
    }

    fn state(&self, context: &mut Context<'_, 't>, app: AppId, key: &'static str) {
        let (value, place) = self.value;
        let element = Element::new(Kind::Setting, app, self.name.clone(), self.name.clone(), self.place)
            .with(Fact::SettingKey, key, *place)
            .with(Fact::SettingValue, value.to_ascii_lowercase(), *place);
        context.model.add(element);
    }
}

/// The site as what pages of other sites may call.
fn entry<'t>(context: &mut Context<'_, 't>, site: &Owner<'t>, setting: &Setting<'_, 't>) {
    let (value, place) = setting.value;
    let origins: Vec<String> = value.split(',').map(|origin| origin.trim().to_owned()).collect();
    let name = if site.name.is_empty() { Cow::Borrowed("the site") } else { site.name.clone() };
    let element = Element::new(Kind::Trigger, site.app, setting.name.clone(), name, setting.place)
        .with(Fact::TriggerKind, TriggerKind::Http, setting.place)
        .with(Fact::TriggerExposure, Exposure::Public, setting.place)
        .with(Fact::TriggerAuth, Auth::Unknown, setting.place)
        .with(Fact::TriggerOrigins, origins, *place);
    context.model.add(element);
}

/// Secrets of providers of sign-in, and addresses that hold a key: settings are plain text, everyone who may edit the site reads them, and
/// pages may show them.
fn secrets<'t>(context: &mut Context<'_, 't>, app: AppId, setting: &Setting<'_, 't>) {
    let (value, place) = setting.value;
    let last = setting.name.rsplit('/').next().unwrap_or(setting.name);
    if is_placeholder(value) {
        return;
    }
    let named = is_secret_name(last);
    let position = if named { Position::Variable } else { Position::Other };
    for found in secret::detect(value, Some(last), position) {
        let kind = match found.detector {
            "logic-apps-callback" | "sas-signature" | "url-query" => SecretPlace::Query,
            _ if named => SecretPlace::Variable,
            _ => SecretPlace::Other,
        };
        let element = Element::new(Kind::Secret, app, setting.name.clone(), setting.name.clone(), *place)
            .with(Fact::SecretPlace, kind, *place)
            .with(Fact::SecretStorage, Storage::Literal, *place)
            .with(Fact::SecretDetector, found.detector, *place)
            .with(Fact::SecretRedacted, found.redacted, *place)
            .with(Fact::SecretConfidence, found.confidence.as_str(), *place)
            .with(Fact::SecretField, last.to_owned(), *place);
        context.model.secrets.push(*place);
        context.model.add(element);
    }
}
