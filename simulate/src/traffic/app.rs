//! The applications behind the identity providers, and who goes where.

use crate::people::{AwsAccess, Person, Role};
use crate::world::Chance;

/// An application that trusts an identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum App {
    Aws,
    GitHub,
    Jenkins,
    Artifactory,
    Vault,
    Vpn,
    Mail,
    Wiki,
    People,
    Tickets,
}

/// How Okta names an application.
pub(crate) struct OktaApp {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) mode_words: &'static str,
    pub(crate) uri: &'static str,
}

/// How Entra names an application: appId, appDisplayName.
pub(crate) type EntraApp = (&'static str, &'static str);

impl App {
    /// Whether reaching it deserves a fresh second factor.
    pub(crate) fn critical(self) -> bool {
        matches!(self, App::Aws | App::Vault)
    }

    pub(crate) fn okta(self) -> OktaApp {
        let (id, saml, uri) = self.okta_row();
        OktaApp {
            id,
            name: self.name(),
            mode: if saml { "SAML_2_0" } else { "OPENID_CONNECT" },
            mode_words: if saml { "SAML 2.0" } else { "OpenID Connect" },
            uri,
        }
    }

    pub(crate) fn entra(self) -> EntraApp {
        (self.entra_id(), self.name())
    }

    fn name(self) -> &'static str {
        match self {
            App::Aws => "AWS IAM Identity Center",
            App::GitHub => "GitHub Enterprise Cloud - Organization",
            App::Jenkins => "Jenkins",
            App::Artifactory => "JFrog Artifactory",
            App::Vault => "HashiCorp Vault",
            App::Vpn => "VPN gateway",
            App::Mail => "Mail and calendar",
            App::Wiki => "Wiki",
            App::People => "People and payroll",
            App::Tickets => "Tickets",
        }
    }

    /// Identifier, whether by SAML, and the path of the request.
    #[rustfmt::skip]
    fn okta_row(self) -> (&'static str, bool, &'static str) {
        match self {
            App::Aws => ("0oa4aws1dentityCtr5d7", true, "/app/amazon_aws_sso/exk4aws1d5d7/sso/saml"),
            App::GitHub => ("0oa4gh0rgan1sat10n5d7", true, "/app/githubcloud/exk4gh0r5d7/sso/saml"),
            App::Jenkins => ("0oa4jenk1nsC0ntr0l5d7", true, "/app/jenkinssamlsso/exk4jenk5d7/sso/saml"),
            App::Artifactory => ("0oa4art1fact0ryReg5d7", true, "/app/jfrog_artifactory/exk4art15d7/sso/saml"),
            App::Vault => ("0oa4vau1tHash1c0rp5d7", false, "/oauth2/v1/authorize"),
            App::Vpn => ("0oa4vpnGatewaySAML5d7", true, "/app/vpn_gateway/exk4vpnG5d7/sso/saml"),
            App::Mail => ("0oa4ma1lAndCa1enda5d7", false, "/oauth2/v1/authorize"),
            App::Wiki => ("0oa4w1k1Know1edge05d7", false, "/oauth2/v1/authorize"),
            App::People => ("0oa4pe0p1ePayr01l05d7", true, "/app/people_payroll/exk4pe0p5d7/sso/saml"),
            App::Tickets => ("0oa4t1cketsServ1ce5d7", false, "/oauth2/v1/authorize"),
        }
    }

    fn entra_id(self) -> &'static str {
        match self {
            App::Aws => "5d2c1b60-0001-4f3a-9d3e-7a1b2c3d4e01",
            App::GitHub => "5d2c1b60-0002-4f3a-9d3e-7a1b2c3d4e02",
            App::Jenkins => "5d2c1b60-0003-4f3a-9d3e-7a1b2c3d4e03",
            App::Artifactory => "5d2c1b60-0004-4f3a-9d3e-7a1b2c3d4e04",
            App::Vault => "5d2c1b60-0005-4f3a-9d3e-7a1b2c3d4e05",
            App::Vpn => "5d2c1b60-0006-4f3a-9d3e-7a1b2c3d4e06",
            App::Mail => "5d2c1b60-0007-4f3a-9d3e-7a1b2c3d4e07",
            App::Wiki => "5d2c1b60-0008-4f3a-9d3e-7a1b2c3d4e08",
            App::People => "5d2c1b60-0009-4f3a-9d3e-7a1b2c3d4e09",
            App::Tickets => "5d2c1b60-0010-4f3a-9d3e-7a1b2c3d4e10",
        }
    }
}

/// What a visit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// An application through the identity provider.
    App(App),
    /// Git over ssh or HTTPS, with a key or token of one's own.
    Git,
    /// A server, with an ssh key.
    Server,
    /// AWS with a password that only AWS knows.
    OwnAws,
}

/// Draws a visit's errand by role and by what the person has access to.
pub(crate) fn errand(person: &Person, chance: &mut Chance) -> Errand {
    let office = [
        (Errand::App(App::Mail), 4.0),
        (Errand::App(App::Wiki), 2.0),
        (Errand::App(App::Tickets), 2.0),
        (Errand::App(App::People), 0.4),
        (Errand::App(App::Vpn), 1.0),
    ];
    let technical = match person.role {
        Role::Engineer => 9.0,
        Role::Sre => 9.0,
        Role::Data => 6.0,
        Role::Security => 5.0,
        Role::Contractor => 3.0,
        Role::Product | Role::Support => 0.4,
    };
    let has = |yes: bool, weight: f64| if yes { weight * technical } else { 0.0 };
    let codes = person.github.is_some();
    let federated = matches!(person.aws, AwsAccess::Federated(_));
    let own = !federated && person.aws != AwsAccess::None;
    let operates = matches!(person.role, Role::Sre | Role::Security);
    let mut table = [(Errand::Git, 0.0); 13];
    for (slot, row) in table.iter_mut().zip(office) {
        *slot = row;
    }
    let rest = [
        (Errand::Git, has(codes, 0.45)),
        (Errand::App(App::GitHub), has(codes, 0.16)),
        (Errand::App(App::Jenkins), has(codes, 0.1)),
        (Errand::App(App::Artifactory), has(codes, 0.05)),
        (Errand::App(App::Aws), has(federated, 0.16)),
        (Errand::App(App::Vault), has(operates, 0.1)),
        (Errand::Server, has(person.ssh.is_some(), 0.14)),
        (Errand::OwnAws, has(own, 0.2)),
    ];
    for (slot, row) in table.iter_mut().skip(5).zip(rest) {
        *slot = row;
    }
    chance.weighted(&table)
}
