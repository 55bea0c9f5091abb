//! What is carried over, and what is said of the rest.

use super::Upgraded;
use super::upgraded;
use super::upgraded_by;
use crate::config::Config;

const LEAST: &str = "[homeserver]\naddress = \"http://127.0.0.1:8008\"\ndomain = \"example.org\"\n";

fn checked(old: &str) -> Upgraded {
    let upgraded = upgraded(old).unwrap();
    let read = |text: &str| Config::parse(text, &|_| None).map_err(|problems| format!("{problems:?}"));
    assert_eq!(read(&upgraded.text).unwrap(), read(old).unwrap());
    upgraded
}

#[test]
fn the_example_stays_as_it_is() {
    let upgraded = checked(&Config::example());
    assert_eq!(upgraded.text, Config::example());
    assert_eq!((upgraded.renamed, upgraded.unknown), (vec![], vec![]));
}

#[test]
fn what_is_not_said_stands_there_as_a_comment() {
    let upgraded = checked(LEAST);
    assert_eq!(upgraded.carried, ["homeserver.address", "homeserver.domain"]);
    let said = upgraded.text.lines().filter(|line| !line.starts_with(['#', '['])).filter(|line| !line.is_empty());
    assert_eq!(said.collect::<Vec<_>>(), ["address = \"http://127.0.0.1:8008\"", "domain = \"example.org\""]);
    assert!(upgraded.text.contains("\n# port = 29331\n") && upgraded.text.contains("\n# \"example.org\" = \"share\"\n"));
}

#[test]
fn values_keep_their_form_and_what_somebody_wrote_beside_them() {
    let old = format!(
        "# For the club.\nlanguage = 'zh-CN' # agreed in May\n{LEAST}\n[permissions]\n# the founder\n'@joy:example.org' = \"share\"\n\
         '*' = \"none\"\n\n[network]\nallow = [\n  \"10.0.0.0/8\", # the shop\n]\n\n[platforms.shopify]\napp_secret = {{ file = \"/etc/hostname\" }}\n\n\
         [platforms.partners.bazaar]\nregistration_url = \"https://bazaar.example/tradepost\"\nkey = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\" # new\n"
    );
    let upgraded = checked(&old);
    for kept in [
        "# For the club.\nlanguage = 'zh-CN' # agreed in May\n",
        "# the founder\n'@joy:example.org' = \"share\"\n'*' = \"none\"\n\n",
        "allow = [\n  \"10.0.0.0/8\", # the shop\n]\n",
        "app_secret = { file = \"/etc/hostname\" }\n",
        "[platforms.partners]\n\n[platforms.partners.bazaar]\nregistration_url = ",
        "# new\n",
    ] {
        assert!(upgraded.text.contains(kept), "{kept:?} is not in\n{}", upgraded.text);
    }
    assert_eq!(checked(&upgraded.text).text, upgraded.text, "once more changes nothing");
}

#[test]
fn sections_in_one_line_are_carried_over_too() {
    let old = "homeserver = { address = \"http://127.0.0.1:8008\", domain = \"example.org\" }\npermissions = { \"*\" = \"share\" }\n";
    let upgraded = checked(old);
    assert!(upgraded.text.contains("\"*\" = \"share\""), "{}", upgraded.text);
}

#[test]
fn a_key_is_found_by_the_name_that_it_had() {
    let names = [("matrix.server", "homeserver.domain"), ("listen_port", "appservice.port")];
    let old = "listen_port = 4000\n\n[matrix]\nserver = \"example.org\"\n\n[homeserver]\naddress = \"http://127.0.0.1:8008\"\n";
    let upgraded = upgraded_by(old, &names).unwrap();
    let config = Config::parse(&upgraded.text, &|_| None).unwrap();
    assert_eq!((config.homeserver.domain.as_str(), config.appservice.port.get()), ("example.org", 4_000));
    let renamed = upgraded.renamed.iter().map(|(old, new)| (old.as_str(), new.as_str()));
    assert_eq!(renamed.collect::<Vec<_>>(), [("matrix.server", "homeserver.domain"), ("listen_port", "appservice.port")]);
    assert_eq!(upgraded.unknown, [""; 0]);
}

#[test]
fn the_present_name_counts_before_an_earlier_one() {
    let old = format!("listen_port = 4000\n{LEAST}[appservice]\nport = 5000\n");
    let upgraded = upgraded_by(&old, &[("listen_port", "appservice.port")]).unwrap();
    assert_eq!(Config::parse(&upgraded.text, &|_| None).unwrap().appservice.port.get(), 5_000);
    assert_eq!(upgraded.unknown, ["listen_port"]);
}

#[test]
fn what_is_not_known_any_more_is_kept_as_a_comment() {
    let old = format!("{LEAST}colour = \"red\"\n[bridge]\nlines = [\n 1,\n 2,\n]\nat = {{ x = 1 }}\n");
    let upgraded = upgraded(&old).unwrap();
    assert_eq!(upgraded.unknown, ["homeserver.colour", "bridge.lines", "bridge.at.x"]);
    Config::parse(&upgraded.text, &|_| None).unwrap();
    let end = upgraded.text.split_once("does not know these keys:\n").unwrap().1;
    assert_eq!(end, "# homeserver.colour = \"red\"\n# bridge.lines = [\n#  1,\n#  2,\n# ]\n# bridge.at.x = 1\n");
    assert_eq!(checked(&upgraded.text).text, upgraded.text, "once more changes nothing");
}

#[test]
fn what_is_no_configuration_is_an_error() {
    upgraded("language = ").unwrap_err();
}
