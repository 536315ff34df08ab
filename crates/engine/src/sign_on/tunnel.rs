//! The way from a console ticket to the bytes of a VM's console, through the door of the host that runs it. Refuses to
//! know the console's protocol.

use std::net::IpAddr;

use ferrovirt_hostapi::ConsoleBytes;
use ferrovirt_model::events::{EventSentence, sentences};
use ferrovirt_model::ids::{UserId, VmId};
use ferrovirt_model::refusal::Refusal;
use ferrovirt_model::secret::Secret;
use ferrovirt_store::Store;
use ferrovirt_store::tx::Areas;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::token_hash;
use crate::action::event;
use crate::core::{Engine, now};
use crate::failure::Result;

/// Bytes that may be under way in each direction.
const BUFFER: usize = 64 * 1024;
/// Messages that may be under way to the host.
const MESSAGES: usize = 8;

/// Bytes of a console, both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// Whose console it is, and who looks: for the log.
struct Viewer {
    store: Store,
    user: UserId,
    principal: String,
    vm: VmId,
    vm_name: String,
}

impl Engine {
    /// Opens the console that a one-time ticket stands for. The tunnel ends when either side does.
    ///
    /// # Errors
    /// [`Refusal::StaleToken`] for a ticket that is unknown, used or old; [`Refusal::WrongState`] where the VM does not
    /// run; what the host refuses.
    pub async fn open_console(&self, ticket: &Secret, from: Option<IpAddr>) -> Result<Box<dyn Duplex>> {
        let mut tx = self.store().begin().await?;
        let used = tx.sign_on().use_console(&token_hash(ticket), now()).await?;
        // Spent, whatever comes next.
        tx.commit().await?;
        let ticket = used.ok_or(Refusal::StaleToken { what: "console ticket" })?;
        let mut reader = self.store().read().await?;
        let view = reader.vms().view(ticket.vm).await?.ok_or_else(|| Refusal::no_such("VM", ticket.vm))?;
        let user = reader.users().get(&[ticket.user]).await?.pop();
        let user = user.ok_or(Refusal::StaleToken { what: "console ticket" })?;
        let run = view.run.as_ref().ok_or_else(|| Refusal::WrongState {
            what: "VM",
            name: view.vm.name.clone(),
            status: "down".to_owned(),
            need: "a console needs a running VM",
        })?;
        let door = self.host_door_for_user(&mut reader, run.host).await?;
        drop(reader);
        let (sender, receiver) = mpsc::channel(MESSAGES);
        let first = ConsoleBytes { vm_id: ticket.vm.to_string(), kind: ticket.kind.clone(), data: Vec::new() };
        // The receiver is in this function: there is room for one.
        let _sent = sender.send(first).await;
        let answers = door.heard(door.client().console(ReceiverStream::new(receiver)).await)?;
        let viewer = Viewer {
            store: self.store().clone(),
            user: user.id,
            principal: user.principal,
            vm: ticket.vm,
            vm_name: view.vm.name.clone(),
        };
        viewer.note(sentences::VM_CONSOLE_CONNECTED).await;
        tracing::info!(vm = %ticket.vm, user = %viewer.principal, ?from, "a console was opened");
        let (near, far) = tokio::io::duplex(BUFFER);
        tokio::spawn(carry(far, sender, answers, viewer));
        Ok(Box::new(near))
    }
}

impl Viewer {
    /// Logs; a console does not end because the log can't be written.
    async fn note(&self, sentence: EventSentence) {
        let draft = sentence.draft().user(self.user, self.principal.clone()).vm(self.vm, self.vm_name.clone());
        let entry = event(&draft, "", now());
        let logged = async {
            let mut tx = self.store.begin().await?;
            tx.log(entry);
            tx.commit().await
        };
        if let Err(error) = logged.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a console could not be written to the event log");
        }
    }
}

async fn carry(
    far: DuplexStream,
    sender: mpsc::Sender<ConsoleBytes>,
    answers: Streaming<ConsoleBytes>,
    viewer: Viewer,
) {
    let (reader, writer) = tokio::io::split(far);
    let ended = tokio::select! {
        ended = to_host(reader, sender) => ended,
        ended = from_host(answers, writer) => ended,
    };
    tracing::debug!(vm = %viewer.vm, ended, "a console ended");
    viewer.note(sentences::VM_CONSOLE_DISCONNECTED).await;
}

async fn to_host(mut reader: ReadHalf<DuplexStream>, sender: mpsc::Sender<ConsoleBytes>) -> &'static str {
    let mut buffer = vec![0; BUFFER];
    loop {
        match reader.read(&mut buffer).await {
            Ok(0) | Err(_) => return "the viewer left",
            Ok(count) => {
                let data = buffer[..count].to_vec();
                let message = ConsoleBytes { vm_id: String::new(), kind: String::new(), data };
                if sender.send(message).await.is_err() {
                    return "the host closed";
                }
            }
        }
    }
}

async fn from_host(mut answers: Streaming<ConsoleBytes>, mut writer: WriteHalf<DuplexStream>) -> &'static str {
    loop {
        match answers.message().await {
            Ok(Some(message)) => {
                if writer.write_all(&message.data).await.is_err() {
                    return "the viewer left";
                }
            }
            Ok(None) => return "the host closed",
            Err(status) => {
                tracing::info!(code = ?status.code(), message = status.message(), "a console was cut");
                return "the host failed";
            }
        }
    }
}
