//! Builds anew when the pages have been built: the sources embed what lies in `dist`.

fn main() {
    for app in ["console", "widget"] {
        let (app, dist) = (format!("../web/{app}"), format!("../web/{app}/dist"));
        // Cargo takes a path that is missing as changed each time.
        let watched = if std::path::Path::new(&dist).exists() { dist } else { app };
        println!("cargo::rerun-if-changed={watched}");
    }
}
