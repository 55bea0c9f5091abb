//! `tradepost config --upgrade`: a file of an earlier version, brought up to date.

use super::Site;

const OLD: &str =
    "colour = \"red\"\n[homeserver]\naddress = \"http://127.0.0.1:8008\"\ndomain = \"example.org\"\n\n[appservice]\nport = 4000 # ours\n";

#[test]
fn an_older_configuration_is_brought_up_to_date_and_kept_beside() {
    let site = Site::new();
    site.write("config.toml", OLD);
    let ended = site.type_line("config --upgrade");
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(ended.out.contains("3 values were carried over. As it was, it is config.toml.old."), "{}", ended.out);
    assert!(ended.out.contains("colour is not known any more"), "{}", ended.out);
    assert_eq!((site.read("config.toml.old").as_str(), site.mode("config.toml.old")), (OLD, 0o600));
    let new = site.read("config.toml");
    assert!(new.contains("\nport = 4000 # ours\n") && new.contains("\n# colour = \"red\"\n"), "{new}");
    // Once more there is nothing to do, and what was kept stays.
    let again = site.type_line("config --upgrade");
    assert_eq!((again.status, again.out.as_str()), (0, "config.toml is up to date.\n"));
    assert_eq!(site.read("config.toml.old"), OLD);
}

#[test]
fn a_dry_run_prints_the_new_file_and_changes_nothing() {
    let site = Site::new();
    site.write("config.toml", OLD);
    let ended = site.type_line("config --upgrade --dry-run");
    assert!(ended.status == 0 && ended.out.contains("\nport = 4000 # ours\n"), "{}", ended.err);
    assert_eq!(site.read("config.toml"), OLD);
    assert!(!site.path("config.toml.old").exists());
}

#[test]
fn what_cannot_be_read_stays_as_it_is() {
    let site = Site::new();
    let missing = site.type_line("config --upgrade");
    assert!(missing.status == 10 && missing.err.contains("config.toml cannot be read"), "{}", missing.err);
    site.write("config.toml", "[appservice]\nas_token = very secret\n");
    let broken = site.type_line("config --upgrade");
    assert!(broken.status == 10 && broken.err.contains("see line 2"), "{}", broken.err);
    assert!(!broken.err.contains("very secret"), "{}", broken.err);
    assert_eq!(site.read("config.toml"), "[appservice]\nas_token = very secret\n");
}
