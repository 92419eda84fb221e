//! The deciding core on the bus.

use std::sync::Arc;

use ngcc_cti_core::{Cti, Input, Output};
use ngcc_proto::{Now, Role};
use ngcc_runtime::{Bus, Driver, House, Shell, drive};

use crate::error::StartError;

struct Exchange(Arc<dyn Bus>);

impl Shell<Cti> for Exchange {
    fn perform(&mut self, output: Output, _now: Now) {
        let Output::Send(envelope) = output;
        self.0.send(envelope);
    }
}

pub(crate) fn start(house: &House) -> Result<Driver<Input>, StartError> {
    let minting = house.clone();
    let bus = Arc::clone(&house.bus);
    let driver = drive(house, "cti", move || Cti::new(minting.ids()), |_| Exchange(bus))?;
    driver.inbox.attach_to(&house.bus, Role::Cti);
    house.ready("cti");
    Ok(driver)
}
