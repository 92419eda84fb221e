//! Who hears whom: the table of S4 as one function. It knows parts, not legs; nobody hears himself.

use ngcc_proto::media::{Part, Phase};

/// Who may hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ear {
    /// A leg, by its part.
    Leg(Part),
    /// The automation (A): keys and speech that a flow may use.
    Automation,
    /// The recorder (R).
    Recorder,
}

/// Who may be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouth {
    /// A leg, by its part.
    Leg(Part),
    /// The automation: prompts, speech, and music a flow plays.
    Automation,
    /// The music of hold and queue; a prompt has it fall silent.
    Music,
}

/// Whether `ear` hears `mouth` in `phase`.
pub fn hears(phase: Phase, ear: Ear, mouth: Mouth) -> bool {
    use Mouth::{Automation as A, Music};
    use Part::{Agent, Second, Supervisor, User};
    const U: Mouth = Mouth::Leg(User);
    const G: Mouth = Mouth::Leg(Agent);
    const G2: Mouth = Mouth::Leg(Second);
    const S: Mouth = Mouth::Leg(Supervisor);
    // The second agent hears as the owner does, but in a consultation, where the owner is whom he hears.
    let audible: &[Mouth] = match (phase, ear) {
        (Phase::SelfService | Phase::Queue { .. } | Phase::InIvr { .. }, Ear::Automation) => &[U],
        (
            Phase::Talk | Phase::Hold | Phase::Consult | Phase::Conference | Phase::Whisper | Phase::Barge,
            Ear::Automation,
        ) => &[],

        (Phase::SelfService, Ear::Leg(User)) => &[A],
        (Phase::SelfService, Ear::Leg(Agent | Second)) => &[],
        (Phase::SelfService, Ear::Leg(Supervisor) | Ear::Recorder) => &[A, U],

        (Phase::Queue { music: true }, Ear::Leg(User)) => &[A, Music],
        (Phase::Queue { music: false }, Ear::Leg(User)) => &[A],
        (Phase::Queue { .. }, Ear::Leg(Agent | Second)) => &[],
        (Phase::Queue { .. }, Ear::Leg(Supervisor) | Ear::Recorder) => &[A, U],

        (Phase::Talk, Ear::Leg(User)) => &[G],
        (Phase::Talk, Ear::Leg(Agent | Second)) => &[U],
        (Phase::Talk, Ear::Leg(Supervisor) | Ear::Recorder) => &[U, G],

        (Phase::Hold, Ear::Leg(User)) => &[Music],
        (Phase::Hold, Ear::Leg(Agent | Second)) => &[],
        (Phase::Hold, Ear::Leg(Supervisor)) => &[U, G],
        (Phase::Hold, Ear::Recorder) => &[U],

        (Phase::Consult, Ear::Leg(User)) => &[Music],
        (Phase::Consult, Ear::Leg(Agent)) => &[G2],
        (Phase::Consult, Ear::Leg(Second)) => &[G],
        // The recorder keeps it on a track of its own.
        (Phase::Consult, Ear::Leg(Supervisor) | Ear::Recorder) => &[G, G2],

        (Phase::Conference, Ear::Leg(_) | Ear::Recorder) => &[U, G, G2, S, A],

        (Phase::InIvr { .. }, Ear::Leg(User)) => &[A],
        (Phase::InIvr { secure: true, .. }, Ear::Leg(_) | Ear::Recorder) => &[],
        (Phase::InIvr { listen: true, .. }, Ear::Leg(_)) | (Phase::InIvr { .. }, Ear::Recorder) => &[A, U],
        (Phase::InIvr { listen: false, .. }, Ear::Leg(_)) => &[],

        (Phase::Whisper, Ear::Leg(User)) => &[G],
        (Phase::Whisper, Ear::Leg(Agent | Second)) => &[U, S],
        (Phase::Whisper, Ear::Leg(Supervisor) | Ear::Recorder) => &[U, G],

        (Phase::Barge, Ear::Leg(User)) => &[G, S],
        (Phase::Barge, Ear::Leg(Agent | Second)) => &[U, S],
        (Phase::Barge, Ear::Leg(Supervisor) | Ear::Recorder) => &[U, G, G2, S, A],
    };
    audible.contains(&mouth)
}

/// Whether the customer's keys go on to `ear` as telephone-events: with the voice, unless they are meant for the
/// automation. Keys of any other part go to nobody.
pub fn carries_keys(phase: Phase, ear: Ear) -> bool {
    const U: Mouth = Mouth::Leg(Part::User);
    hears(phase, ear, U) && !hears(phase, Ear::Automation, U)
}
