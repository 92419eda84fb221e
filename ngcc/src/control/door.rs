//! The command line's way in: through the control socket where a server runs on the data directory, otherwise
//! straight into the data centre, which then belongs to this process for as long as the command takes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use ngcc_proto::envelope::Body;
use ngcc_proto::{admin, operate};
use ngcc_runtime::StartError;

use super::desk::Desk;
use super::{Answer, PATIENCE, Request, Response, slow_part, socket_path};
use crate::failure::Failure;
use crate::settings::Settings;

/// The longest answer that is read.
const MAX_ANSWER: u64 = 256 << 20;

/// A way in.
pub(crate) enum Door {
    /// A running server.
    Server(Server),
    /// The data centre alone.
    Alone(Box<Alone>),
}

/// A connection to a running server.
pub(crate) struct Server {
    lines: BufReader<UnixStream>,
    asked: u64,
}

/// The data centre in this process; it is opened when something is asked that it can answer.
pub(crate) struct Alone {
    settings: Settings,
    opened: Option<(tokio::runtime::Runtime, Desk)>,
}

impl Door {
    /// Goes to the server if one runs, and otherwise to the data centre alone.
    ///
    /// # Errors
    /// The control socket cannot be used.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        match Server::connect(&settings.data.dir)? {
            Some(server) => Ok(Self::Server(server)),
            None => Ok(Self::Alone(Box::new(Alone { settings: settings.clone(), opened: None }))),
        }
    }

    /// Changes or reads what is configured or stored.
    ///
    /// # Errors
    /// [`Failure::Refused`] with the centre's reasons, or no answer.
    pub(crate) fn admin(&mut self, command: admin::Command) -> Result<admin::Event, Failure> {
        let body = self.ask(Body::AdminCommand(command))?;
        let Body::AdminEvent(event) = body else { return Err(unexpected(&body)) };
        if let admin::Event::Refused { problems } = event {
            return Err(Failure::Refused(problems));
        }
        Ok(event)
    }

    /// Looks at what runs, or acts in it. Needs a running server.
    ///
    /// # Errors
    /// [`Failure::Refused`] with the centre's reason, no server or no answer.
    pub(crate) fn operate(&mut self, command: operate::Command) -> Result<operate::Event, Failure> {
        let body = self.ask(Body::OperateCommand(command))?;
        let Body::OperateEvent(event) = body else { return Err(unexpected(&body)) };
        if let operate::Event::Refused { why } = event {
            return Err(Failure::Refused(vec![why]));
        }
        Ok(event)
    }

    /// Sends one message and waits for its answer.
    ///
    /// # Errors
    /// No server where one is needed, or no answer.
    pub(crate) fn ask(&mut self, body: Body) -> Result<Body, Failure> {
        let answer = match self {
            Self::Server(server) => server.ask(body)?,
            Self::Alone(alone) => alone.ask(body)?,
        };
        match answer {
            Answer::Body(body) => Ok(*body),
            Answer::Error(why) => Err(Failure::NoAnswer(why)),
        }
    }

    /// Whether a server runs on the data directory.
    pub(crate) fn server_runs(data: &Path) -> bool {
        matches!(Server::connect(data), Ok(Some(_)))
    }
}

impl Server {
    /// None where nobody listens.
    fn connect(data: &Path) -> Result<Option<Self>, Failure> {
        let Ok(stream) = UnixStream::connect(socket_path(data)) else { return Ok(None) };
        stream.set_write_timeout(Some(PATIENCE)).map_err(Failure::io("the control socket"))?;
        Ok(Some(Self { lines: BufReader::new(stream), asked: 0 }))
    }

    fn ask(&mut self, body: Body) -> Result<Answer, Failure> {
        self.asked += 1;
        let broken = |e: std::io::Error| Failure::NoAnswer(e.to_string());
        let patience = PATIENCE * 2 + slow_part(&body);
        self.lines.get_ref().set_read_timeout(Some(patience)).map_err(broken)?;
        let mut line = serde_json::to_vec(&Request { id: self.asked, body }).map_err(|e| broken(e.into()))?;
        line.push(b'\n');
        self.lines.get_mut().write_all(&line).map_err(broken)?;
        line.clear();
        let read = (&mut self.lines).take(MAX_ANSWER).read_until(b'\n', &mut line).map_err(broken)?;
        if read == 0 {
            return Err(Failure::NoAnswer("it closed the connection".to_owned()));
        }
        let response: Response = serde_json::from_slice(&line).map_err(|e| broken(e.into()))?;
        Ok(response.answer)
    }
}

impl Alone {
    fn ask(&mut self, body: Body) -> Result<Answer, Failure> {
        if !matches!(body, Body::AdminCommand(_)) {
            return Err(Failure::NoServer(self.settings.data.dir.clone()));
        }
        let (runtime, desk) = match &self.opened {
            Some(opened) => opened,
            None => {
                let io = Failure::io("the command cannot start");
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
                let desk = runtime.block_on(crate::serve::data_centre_alone(&self.settings))?;
                self.opened.insert((runtime, desk))
            }
        };
        Ok(runtime.block_on(desk.ask(body)))
    }
}

/// A start that failed, for the command line.
pub(crate) fn start_failure(error: &StartError) -> Failure {
    match error {
        StartError::InUse { path } => Failure::Busy(format!(
            "the data directory {} is in use by a process that does not answer on its control socket: stop it, or \
             name another directory with --data",
            path.display()
        )),
        StartError::DataDir { .. } | StartError::Log { .. } | StartError::Randomness(_) => {
            Failure::Start(error.to_string())
        }
    }
}

fn unexpected(body: &Body) -> Failure {
    Failure::NoAnswer(format!("{} came, which is no answer to this", body.name()))
}
