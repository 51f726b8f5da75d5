//! An HTTP server on loopback: one thread, one request a connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A request as it came.
#[derive(Debug, Clone)]
pub(in crate::anchor) struct Request {
    pub(in crate::anchor) path: String,
    pub(in crate::anchor) headers: Vec<(String, String)>,
    pub(in crate::anchor) body: Vec<u8>,
}

impl Request {
    pub(in crate::anchor) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(is, _)| is == name).map(|(_, value)| value.as_str())
    }
}

/// Status, content type, body.
type Reply = (u16, &'static str, Vec<u8>);

/// The server; its thread ends with it.
pub(in crate::anchor) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    pub(in crate::anchor) fn start(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        let thread = std::thread::spawn(move || serve(&listener, answer, &kept));
        Self { address, requests, thread: Some(thread) }
    }

    pub(in crate::anchor) fn url(&self) -> String {
        format!("http://{}/here", self.address)
    }

    pub(in crate::anchor) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A connection without a request ends the thread.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    listener: &TcpListener,
    mut answer: impl FnMut(&Request) -> Reply,
    kept: &Mutex<Vec<Request>>,
) {
    while let Ok((mut stream, _)) = listener.accept() {
        let Some(request) = read(&stream) else { return };
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let (status, content_type, body) = answer(&request);
        let head = format!(
            "HTTP/1.1 {status} x\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nLocation: /there\r\nConnection: close\r\n\r\n",
            body.len()
        );
        // Whoever asked may have enough before the end.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut request = Request { path, headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok());
    request.body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
