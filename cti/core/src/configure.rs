//! What is configured, taken while everything goes on: waiting callers keep their places, seats their contacts.

use ngcc_proto::config::ForCti;
use ngcc_proto::seat::{Availability, Device};

use crate::Cti;
use crate::numbers::DialPlan;

impl Cti {
    /// Takes a configuration; one that is older than what is there is passed over.
    pub(crate) fn configure(&mut self, config: ForCti) {
        if self.version.is_some_and(|version| version > config.version) {
            return;
        }
        self.version = Some(config.version);
        self.resources.self_service.limit_to(config.centre.self_service_slots);
        self.centre = config.centre;
        self.plan = DialPlan::new(config.numbers);
        self.flows = config.flows.into_iter().collect();
        self.phones = config.phones.into_iter().collect();
        self.forms = config.forms.into_iter().map(|form| (form.name.clone(), form)).collect();
        self.resources.configure(config.seats, config.queues);
        self.auto_ready();
        self.reconcile_when_told();
    }

    /// Phone-only agents are signed in and ready as soon as that is configured. What they do afterwards
    /// stands, over restarts too.
    fn auto_ready(&mut self) {
        let now = self.step.now;
        for id in self.resources.newly_auto_ready() {
            self.resources.change(id, |seat| {
                let Some(settings) = &seat.settings else { return };
                if let (Device::Phone(_), Availability::LoggedOut) = (&settings.device, &seat.availability) {
                    seat.device = settings.device.clone();
                    seat.become_now(Availability::Ready { since: now.wall }, now);
                }
            });
        }
    }
}
