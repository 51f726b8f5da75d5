//! Country names into ISO 3166-1 alpha-2, for vendors that send names.

use std::borrow::Cow;

/// The code of a country that comes as a code or as an English name; `None` for
/// a name that isn't known, so that one country never stands under two values.
pub(crate) fn code(country: &str) -> Option<Cow<'_, str>> {
    let country = country.trim();
    if country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Some(if country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Cow::Borrowed(country)
        } else {
            Cow::Owned(country.to_ascii_uppercase())
        });
    }
    let name = super::text::lower(country);
    let at = NAMES.binary_search_by(|(known, _)| (*known).cmp(&name)).ok()?;
    NAMES.get(at).map(|(_, code)| Cow::Borrowed(*code))
}

/// Names in lower case, in byte order. Names and codes: the time zone database's
/// iso3166.tab (public domain), with other usual spellings.
#[rustfmt::skip]
const NAMES: &[(&str, &str)] = &[
    ("afghanistan", "AF"), ("albania", "AL"), ("algeria", "DZ"), ("american samoa", "AS"),
    ("andorra", "AD"), ("angola", "AO"), ("anguilla", "AI"), ("antarctica", "AQ"),
    ("antigua and barbuda", "AG"), ("argentina", "AR"), ("armenia", "AM"), ("aruba", "AW"),
    ("australia", "AU"), ("austria", "AT"), ("azerbaijan", "AZ"), ("bahamas", "BS"),
    ("bahrain", "BH"), ("bangladesh", "BD"), ("barbados", "BB"), ("belarus", "BY"),
    ("belgium", "BE"), ("belize", "BZ"), ("benin", "BJ"), ("bermuda", "BM"), ("bhutan", "BT"),
    ("bolivia", "BO"), ("bolivia, plurinational state of", "BO"),
    ("bonaire, sint eustatius and saba", "BQ"), ("bosnia and herzegovina", "BA"),
    ("botswana", "BW"), ("bouvet island", "BV"), ("brazil", "BR"),
    ("british indian ocean territory", "IO"), ("british virgin islands", "VG"), ("brunei", "BN"),
    ("brunei darussalam", "BN"), ("bulgaria", "BG"), ("burkina faso", "BF"), ("burma", "MM"),
    ("burundi", "BI"), ("cabo verde", "CV"), ("cambodia", "KH"), ("cameroon", "CM"),
    ("canada", "CA"), ("cape verde", "CV"), ("cayman islands", "KY"),
    ("central african republic", "CF"), ("chad", "TD"), ("chile", "CL"), ("china", "CN"),
    ("christmas island", "CX"), ("cocos (keeling) islands", "CC"), ("colombia", "CO"),
    ("comoros", "KM"), ("congo", "CG"), ("cook islands", "CK"), ("costa rica", "CR"),
    ("cote d'ivoire", "CI"), ("croatia", "HR"), ("cuba", "CU"), ("curacao", "CW"),
    ("curaçao", "CW"), ("cyprus", "CY"), ("czech republic", "CZ"), ("czechia", "CZ"),
    ("côte d'ivoire", "CI"), ("democratic republic of the congo", "CD"), ("denmark", "DK"),
    ("djibouti", "DJ"), ("dominica", "DM"), ("dominican republic", "DO"), ("east timor", "TL"),
    ("ecuador", "EC"), ("egypt", "EG"), ("el salvador", "SV"), ("equatorial guinea", "GQ"),
    ("eritrea", "ER"), ("estonia", "EE"), ("eswatini", "SZ"), ("ethiopia", "ET"),
    ("falkland islands", "FK"), ("faroe islands", "FO"), ("fiji", "FJ"), ("finland", "FI"),
    ("france", "FR"), ("french guiana", "GF"), ("french polynesia", "PF"),
    ("french southern territories", "TF"), ("gabon", "GA"), ("gambia", "GM"), ("georgia", "GE"),
    ("germany", "DE"), ("ghana", "GH"), ("gibraltar", "GI"), ("great britain", "GB"),
    ("greece", "GR"), ("greenland", "GL"), ("grenada", "GD"), ("guadeloupe", "GP"),
    ("guam", "GU"), ("guatemala", "GT"), ("guernsey", "GG"), ("guinea", "GN"),
    ("guinea-bissau", "GW"), ("guyana", "GY"), ("haiti", "HT"),
    ("heard island and mcdonald islands", "HM"), ("holy see", "VA"), ("honduras", "HN"),
    ("hong kong", "HK"), ("hungary", "HU"), ("iceland", "IS"), ("india", "IN"),
    ("indonesia", "ID"), ("iran", "IR"), ("iran, islamic republic of", "IR"), ("iraq", "IQ"),
    ("ireland", "IE"), ("isle of man", "IM"), ("israel", "IL"), ("italy", "IT"),
    ("ivory coast", "CI"), ("jamaica", "JM"), ("japan", "JP"), ("jersey", "JE"), ("jordan", "JO"),
    ("kazakhstan", "KZ"), ("kenya", "KE"), ("kiribati", "KI"), ("korea", "KR"),
    ("korea, republic of", "KR"), ("kosovo", "XK"), ("kuwait", "KW"), ("kyrgyzstan", "KG"),
    ("lao people's democratic republic", "LA"), ("laos", "LA"), ("latvia", "LV"),
    ("lebanon", "LB"), ("lesotho", "LS"), ("liberia", "LR"), ("libya", "LY"),
    ("liechtenstein", "LI"), ("lithuania", "LT"), ("luxembourg", "LU"), ("macao", "MO"),
    ("macau", "MO"), ("macedonia", "MK"), ("madagascar", "MG"), ("malawi", "MW"),
    ("malaysia", "MY"), ("maldives", "MV"), ("mali", "ML"), ("malta", "MT"),
    ("marshall islands", "MH"), ("martinique", "MQ"), ("mauritania", "MR"), ("mauritius", "MU"),
    ("mayotte", "YT"), ("mexico", "MX"), ("micronesia", "FM"), ("moldova", "MD"),
    ("moldova, republic of", "MD"), ("monaco", "MC"), ("mongolia", "MN"), ("montenegro", "ME"),
    ("montserrat", "MS"), ("morocco", "MA"), ("mozambique", "MZ"), ("myanmar", "MM"),
    ("namibia", "NA"), ("nauru", "NR"), ("nepal", "NP"), ("netherlands", "NL"),
    ("new caledonia", "NC"), ("new zealand", "NZ"), ("nicaragua", "NI"), ("niger", "NE"),
    ("nigeria", "NG"), ("niue", "NU"), ("norfolk island", "NF"), ("north korea", "KP"),
    ("north macedonia", "MK"), ("northern mariana islands", "MP"), ("norway", "NO"),
    ("oman", "OM"), ("pakistan", "PK"), ("palau", "PW"), ("palestine", "PS"), ("panama", "PA"),
    ("papua new guinea", "PG"), ("paraguay", "PY"), ("peru", "PE"), ("philippines", "PH"),
    ("pitcairn", "PN"), ("poland", "PL"), ("portugal", "PT"), ("puerto rico", "PR"),
    ("qatar", "QA"), ("republic of ireland", "IE"), ("republic of korea", "KR"),
    ("republic of the congo", "CG"), ("reunion", "RE"), ("romania", "RO"), ("russia", "RU"),
    ("russian federation", "RU"), ("rwanda", "RW"), ("réunion", "RE"), ("saint barthelemy", "BL"),
    ("saint helena", "SH"), ("saint kitts and nevis", "KN"), ("saint lucia", "LC"),
    ("saint martin", "MF"), ("saint pierre and miquelon", "PM"),
    ("saint vincent and the grenadines", "VC"), ("samoa", "WS"), ("san marino", "SM"),
    ("sao tome and principe", "ST"), ("saudi arabia", "SA"), ("senegal", "SN"), ("serbia", "RS"),
    ("seychelles", "SC"), ("sierra leone", "SL"), ("singapore", "SG"), ("sint maarten", "SX"),
    ("slovakia", "SK"), ("slovenia", "SI"), ("solomon islands", "SB"), ("somalia", "SO"),
    ("south africa", "ZA"), ("south georgia and the south sandwich islands", "GS"),
    ("south korea", "KR"), ("south sudan", "SS"), ("spain", "ES"), ("sri lanka", "LK"),
    ("sudan", "SD"), ("suriname", "SR"), ("svalbard and jan mayen", "SJ"), ("swaziland", "SZ"),
    ("sweden", "SE"), ("switzerland", "CH"), ("syria", "SY"), ("syrian arab republic", "SY"),
    ("taiwan", "TW"), ("tajikistan", "TJ"), ("tanzania", "TZ"),
    ("tanzania, united republic of", "TZ"), ("thailand", "TH"), ("the netherlands", "NL"),
    ("timor-leste", "TL"), ("togo", "TG"), ("tokelau", "TK"), ("tonga", "TO"),
    ("trinidad and tobago", "TT"), ("tunisia", "TN"), ("turkey", "TR"), ("turkiye", "TR"),
    ("turkmenistan", "TM"), ("turks and caicos is", "TC"), ("tuvalu", "TV"), ("türkiye", "TR"),
    ("u.s. minor outlying islands", "UM"), ("u.s. virgin islands", "VI"), ("uganda", "UG"),
    ("uk", "GB"), ("ukraine", "UA"), ("united arab emirates", "AE"), ("united kingdom", "GB"),
    ("united states", "US"), ("united states of america", "US"), ("uruguay", "UY"), ("usa", "US"),
    ("uzbekistan", "UZ"), ("vanuatu", "VU"), ("vatican", "VA"), ("vatican city", "VA"),
    ("venezuela", "VE"), ("venezuela, bolivarian republic of", "VE"), ("viet nam", "VN"),
    ("vietnam", "VN"), ("wallis and futuna", "WF"), ("western sahara", "EH"), ("yemen", "YE"),
    ("zambia", "ZM"), ("zimbabwe", "ZW"), ("åland islands", "AX"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_give_codes() {
        for (country, expected) in [
            ("Netherlands", Some("NL")),
            ("United States", Some("US")),
            ("germany", Some("DE")),
            ("Côte d'Ivoire", Some("CI")),
            ("de", Some("DE")),
            ("GB", Some("GB")),
            ("Atlantis", None),
            ("", None),
        ] {
            assert_eq!(code(country).as_deref(), expected, "{country}");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
    }
}
