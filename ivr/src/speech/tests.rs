//! Speech by the real synthesizer, and what is done without one.

use super::*;
use ngcc_runtime::inbox::Outlet;

use crate::sounds::Sound;

fn speech(name: &'static str, settings: SpeechSettings) -> (Speech, Outlet<Input>, PathBuf) {
    let dir = std::env::temp_dir().join(format!("ngcc-speech-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let (inbox, outlet) = Inbox::new(name, 100);
    (Speech::new(settings, dir.clone(), inbox), outlet, dir)
}

async fn next(outlet: &mut Outlet<Input>) -> Sound {
    let mut inputs = Vec::new();
    outlet.take(&mut inputs, 1).await;
    let input = inputs.remove(0);
    let Input::Spoken { sound, .. } = input else { panic!("{input:?}") };
    sound
}

/// A program that does what `script` says, for the failures a real one does not show.
fn program(dir: &Path, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join("say.sh");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn a_text_is_spoken_in_english_and_chinese_and_cached() {
    let (speech, mut outlet, dir) = speech("espeak", SpeechSettings::default());
    for (lang, text) in [("en", "Welcome."), ("zh-CN", "欢迎致电。")] {
        speech.speak(1, text.to_owned(), lang);
        let sound = next(&mut outlet).await.unwrap();
        assert!((2000..40_000).contains(&sound.len()), "{lang}: {} samples", sound.len());
        let loudest = sound.iter().map(|s| i32::from(*s).abs()).max().unwrap();
        assert!(loudest > 3000, "{lang}: {loudest}");
    }
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 2);

    // Another process on the same directory speaks without the program.
    let (inbox, mut outlet) = Inbox::new("espeak-cached", 100);
    let nothing = SpeechSettings { program: "/nowhere/espeak".into(), ..SpeechSettings::default() };
    let cached = Speech::new(nothing, dir, inbox);
    cached.speak(2, "Welcome.".to_owned(), "en");
    assert!(next(&mut outlet).await.is_ok());
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let settings = SpeechSettings { program: "/nowhere/espeak".into(), ..SpeechSettings::default() };
    let (speech, mut outlet, _) = speech("missing", settings);
    speech.speak(1, "x".to_owned(), "en");
    let told = "speech needs the program `/nowhere/espeak`, which is not installed";
    assert_eq!(next(&mut outlet).await, Err(told.to_owned()));
}

#[tokio::test]
async fn a_program_that_hangs_is_ended_and_one_that_fails_is_told() {
    let (_, _, dir) = speech("scripts", SpeechSettings::default());
    let program = program(&dir, "[ \"$4\" = slow ] && exec sleep 60; exit 3");
    let timeout = Duration::from_millis(300);
    let settings = SpeechSettings { program, timeout, ..SpeechSettings::default() };
    let (speech, mut outlet, _) = speech("hangs", settings);
    speech.speak(1, "x".to_owned(), "slow");
    assert_eq!(next(&mut outlet).await, Err("the speech program took too long".to_owned()));
    speech.speak(2, "x".to_owned(), "bad");
    assert_eq!(
        next(&mut outlet).await,
        Err("the speech program failed: voice `bad`: exit status: 3".to_owned())
    );
}

#[test]
fn a_language_has_its_voice() {
    let (speech, _, _) = speech("voices", SpeechSettings::default());
    for (lang, voice) in [
        ("zh-CN", "cmn"),
        ("zh-SG", "cmn"),
        ("zh-HK", "yue"),
        ("en", "en-us"),
        ("en-GB", "en-gb"),
        ("de", "de"),
        ("--x", "x"),
    ] {
        assert_eq!(speech.maker.settings.voice(lang), voice, "{lang}");
    }
}

#[test]
fn the_oldest_files_make_room() {
    let (_, _, dir) = speech("room", SpeechSettings::default());
    for (age, name) in [(3, "a"), (2, "b"), (1, "c")] {
        let path = dir.join(name);
        std::fs::write(&path, [0; 100]).unwrap();
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age * 100)).unwrap();
    }
    make_room(&dir, 200);
    let mut left: Vec<String> =
        std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["b", "c"]);
}
