//! What is read of a sign-in.

use std::borrow::Cow;

use serde::Deserialize;

use super::super::json;
use super::super::object::{List, Object};
use super::super::text::{Degrees, Flag, Text, Whole};
use super::super::time::Moment;

/// The envelope of a diagnostic setting.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) time: Moment<'a>,
    #[serde(borrow)]
    pub(super) category: Text<'a>,
    pub(super) result_type: Whole,
    #[serde(borrow)]
    pub(super) result_description: Text<'a>,
    #[serde(borrow)]
    pub(super) caller_ip_address: Text<'a>,
    #[serde(borrow)]
    pub(super) correlation_id: Text<'a>,
    #[serde(borrow)]
    pub(super) properties: Object<SignIn<'a>>,
}

/// A sign-in.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SignIn<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) created_date_time: Moment<'a>,
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_principal_name: Text<'a>,
    #[serde(borrow)]
    pub(super) user_type: Text<'a>,
    #[serde(borrow)]
    pub(super) service_principal_id: Text<'a>,
    #[serde(borrow)]
    pub(super) service_principal_name: Text<'a>,
    #[serde(borrow)]
    pub(super) client_credential_type: Text<'a>,
    #[serde(borrow)]
    pub(super) app_id: Text<'a>,
    #[serde(borrow)]
    pub(super) app_display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) resource_display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) ip_address: Text<'a>,
    pub(super) autonomous_system_number: Whole,
    #[serde(borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) client_app_used: Text<'a>,
    #[serde(borrow)]
    pub(super) authentication_protocol: Text<'a>,
    #[serde(borrow)]
    pub(super) correlation_id: Text<'a>,
    #[serde(borrow)]
    pub(super) original_request_id: Text<'a>,
    #[serde(borrow)]
    pub(super) session_id: Text<'a>,
    pub(super) is_interactive: Flag,
    #[serde(borrow)]
    pub(super) status: Object<Status<'a>>,
    #[serde(borrow)]
    pub(super) location: Object<Location<'a>>,
    #[serde(borrow)]
    pub(super) device_detail: Object<Device<'a>>,
    #[serde(borrow)]
    pub(super) authentication_requirement: Text<'a>,
    #[serde(borrow)]
    pub(super) authentication_details: List<'a, Step<'a>>,
    #[serde(borrow)]
    pub(super) mfa_detail: Object<MfaDetail<'a>>,
    #[serde(borrow, alias = "conditionalAccessPolicies")]
    pub(super) applied_conditional_access_policies: List<'a, Policy<'a>>,
}

impl SignIn<'_> {
    /// Whether a service or a managed identity signed in, and no person.
    pub(super) fn is_service(&self) -> bool {
        self.service_principal_id.get().is_some() && self.user_principal_name.get().is_none()
    }

    /// The steps, also where they come as JSON within text.
    pub(super) fn steps(&self) -> Cow<'_, [Step<'_>]> {
        listed(&self.authentication_details)
    }

    /// The policies, likewise.
    pub(super) fn policies(&self) -> Cow<'_, [Policy<'_>]> {
        listed(&self.applied_conditional_access_policies)
    }
}

fn listed<'a, T: Deserialize<'a> + Default + Clone>(list: &'a List<'_, T>) -> Cow<'a, [T]> {
    match list.text.get() {
        Some(text) if list.items.is_empty() => {
            let again: List<'a, T> = json::read_any(text).unwrap_or_default();
            Cow::Owned(again.items)
        }
        _ => Cow::Borrowed(&list.items),
    }
}

/// How it ended.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status<'a> {
    pub(super) error_code: Whole,
    #[serde(borrow)]
    pub(super) failure_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) additional_details: Text<'a>,
}

/// Where Entra places the address.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Location<'a> {
    #[serde(borrow)]
    pub(super) city: Text<'a>,
    #[serde(borrow)]
    pub(super) state: Text<'a>,
    #[serde(borrow)]
    pub(super) country_or_region: Text<'a>,
    pub(super) geo_coordinates: Object<Coordinates>,
}

/// Degrees.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Coordinates {
    pub(super) latitude: Degrees,
    pub(super) longitude: Degrees,
}

/// The device, where Entra knows it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Device<'a> {
    #[serde(borrow)]
    pub(super) device_id: Text<'a>,
    #[serde(borrow)]
    pub(super) operating_system: Text<'a>,
    #[serde(borrow)]
    pub(super) browser: Text<'a>,
    pub(super) is_managed: Flag,
}

/// One authentication step.
#[derive(Deserialize, Default, Debug, Clone)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Step<'a> {
    #[serde(borrow)]
    pub(super) authentication_method: Text<'a>,
    #[serde(borrow)]
    pub(super) authentication_step_date_time: Moment<'a>,
    #[serde(borrow)]
    pub(super) authentication_step_requirement: Text<'a>,
    #[serde(borrow)]
    pub(super) authentication_step_result_detail: Text<'a>,
    pub(super) succeeded: Flag,
}

/// The older word on the second factor; null says nothing.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MfaDetail<'a> {
    #[serde(borrow)]
    pub(super) auth_method: Text<'a>,
}

/// One conditional access policy.
#[derive(Deserialize, Default, Debug, Clone)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Policy<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) result: Text<'a>,
    pub(super) enforced_grant_controls: Controls,
}

/// What a policy asks for; only whether it blocks is wanted.
#[derive(Default, Debug, Clone, Copy)]
pub(super) struct Controls {
    pub(super) blocks: bool,
}

impl<'de> Deserialize<'de> for Controls {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ControlsVisitor;
        impl<'de> serde::de::Visitor<'de> for ControlsVisitor {
            type Value = Controls;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of words")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Controls, A::Error> {
                let mut controls = Controls::default();
                while let Some(word) = seq.next_element::<Text<'de>>()? {
                    controls.blocks |= word.is("Block");
                }
                Ok(controls)
            }
            fn visit_str<E>(self, word: &str) -> Result<Controls, E> {
                Ok(Controls { blocks: word.eq_ignore_ascii_case("block") })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Controls, A::Error> {
                use serde::de::IgnoredAny;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Controls::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Controls, E> {
                Ok(Controls::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Controls, E> {
                Ok(Controls::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Controls, E> {
                Ok(Controls::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Controls, E> {
                Ok(Controls::default())
            }
            fn visit_unit<E>(self) -> Result<Controls, E> {
                Ok(Controls::default())
            }
        }
        deserializer.deserialize_any(ControlsVisitor)
    }
}
