//! Kafka in KRaft mode, on free ports of loopback. Its jars come by Maven, once, and lie
//! beside the build.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use tempfile::TempDir;

const CLUSTER: &str = "4L6g3nShT-eMCtK--X86sw";
/// The one user of a broker that asks who comes.
pub const USER: &str = "rollcall";
pub const PASSWORD: &str = "seven-geese-at-dusk";

/// A broker, killed when it is dropped.
pub struct Broker {
    folder: TempDir,
    java: Option<Child>,
    port: u16,
    is_secure: bool,
}

impl Broker {
    /// One that takes whoever comes.
    pub fn start() -> Self {
        Self::with(false)
    }

    /// One that speaks TLS and asks for a password by SCRAM-SHA-512.
    pub fn secure() -> Self {
        Self::with(true)
    }

    fn with(is_secure: bool) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let (port, controller) = free_ports();
        let mut broker = Self { folder, java: None, port, is_secure };
        let listener = if is_secure { "SASL_SSL" } else { "PLAINTEXT" };
        let data = broker.folder.path().join("data");
        let mut settings = format!(
            "process.roles=broker,controller\nnode.id=1\n\
             controller.quorum.voters=1@127.0.0.1:{controller}\n\
             listeners={listener}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners={listener}://127.0.0.1:{port}\n\
             controller.listener.names=CONTROLLER\n\
             listener.security.protocol.map={listener}:{listener},CONTROLLER:PLAINTEXT\n\
             inter.broker.listener.name={listener}\n\
             log.dirs={}\n\
             offsets.topic.replication.factor=1\noffsets.topic.num.partitions=1\n\
             transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n\
             transaction.state.log.num.partitions=1\n\
             group.initial.rebalance.delay.ms=0\ngroup.min.session.timeout.ms=1000\n\
             auto.create.topics.enable=false\n",
            data.display()
        );
        if is_secure {
            let pem = broker.certificate();
            settings += &format!(
                "ssl.keystore.type=PEM\nssl.keystore.location={}\nssl.client.auth=none\n\
                 sasl.enabled.mechanisms=SCRAM-SHA-512\n\
                 sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512\n\
                 ssl.endpoint.identification.algorithm=\n\
                 ssl.truststore.type=PEM\nssl.truststore.location={}\n\
                 listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=\
                 org.apache.kafka.common.security.scram.ScramLoginModule required \
                 username=\"{USER}\" password=\"{PASSWORD}\";\n",
                pem.display(),
                broker.authority().display(),
            );
        }
        fs::write(broker.settings(), settings).expect("a file");
        let mut format = java();
        format.args(["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c"]);
        format.arg(broker.settings());
        if is_secure {
            format.arg("--add-scram");
            format.arg(format!("SCRAM-SHA-512=[name={USER},password={PASSWORD}]"));
        }
        let formatted = format.output().expect("java runs");
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));
        broker.begin();
        broker
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("server.properties")
    }

    /// The certificate that clients trust.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// Key and certificate of the broker.
    fn certificate(&self) -> PathBuf {
        let (key, certificate) = (self.folder.path().join("key.pem"), self.authority());
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let pem = self.folder.path().join("keystore.pem");
        let both = [fs::read(key).expect("a key"), fs::read(certificate).expect("a certificate")];
        fs::write(&pem, both.concat()).expect("a file");
        pem
    }

    fn begin(&mut self) {
        let said = self.folder.path().join("said");
        let said = File::options().create(true).append(true).open(said).expect("a file");
        let again = said.try_clone().expect("a handle");
        let child =
            java().arg("kafka.Kafka").arg(self.settings()).stdout(said).stderr(again).spawn();
        self.java = Some(child.expect("java runs"));
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() || !self.answers() {
            let said = || fs::read_to_string(self.folder.path().join("said")).unwrap_or_default();
            let has_ended = self
                .java
                .as_mut()
                .is_some_and(|java| java.try_wait().is_ok_and(|status| status.is_some()));
            assert!(!has_ended && begun.elapsed() < Duration::from_secs(120), "{}", said());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn answers(&self) -> bool {
        let admin = self.admin();
        admin
            .inner()
            .fetch_metadata(None, Duration::from_secs(2))
            .is_ok_and(|it| !it.brokers().is_empty())
    }

    /// Ends it in order; what it has stays.
    pub fn stop(&mut self) {
        let Some(mut java) = self.java.take() else { return };
        let id = java.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        java.wait().expect("gone");
    }

    /// Ends it and starts it again.
    pub fn restart(&mut self) {
        self.stop();
        self.begin();
    }

    /// The same after an end.
    pub fn start_again(&mut self) {
        self.begin();
    }

    /// Where clients find it.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What a client must be told to reach it.
    pub fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.address());
        // What it says while the broker is away is no news.
        config.set("log_level", "0");
        if self.is_secure {
            config
                .set("security.protocol", "SASL_SSL")
                .set("sasl.mechanisms", "SCRAM-SHA-512")
                .set("sasl.username", USER)
                .set("sasl.password", PASSWORD)
                .set("ssl.ca.location", self.authority().to_str().expect("a path"));
        }
        config
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.client().create().expect("an admin")
    }

    /// Makes a topic.
    pub fn make(&self, topic: &str, partitions: i32) {
        let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(30)));
        let begun = Instant::now();
        // One that was just deleted may still be on its way out.
        loop {
            let made = block_on(self.admin().create_topics([&new], &options)).expect("an answer");
            match made.into_iter().next() {
                Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists)))
                    if begun.elapsed() < Duration::from_secs(30) =>
                {
                    std::thread::sleep(Duration::from_millis(100));
                }
                Some(Err(error)) => panic!("{error:?}"),
                _ => return,
            }
        }
    }

    /// Deletes a topic.
    pub fn delete(&self, topic: &str) {
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(30)));
        block_on(self.admin().delete_topics(&[topic], &options)).expect("an answer");
    }

    /// Removes the records of a partition before an offset, as retention does.
    pub fn remove_before(&self, topic: &str, partition: i32, offset: i64) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("in range");
        let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(30)));
        block_on(self.admin().delete_records(&list, &options)).expect("removed");
    }

    /// What writes to its topics; each record once, whatever the broker does.
    pub fn producer(&self, further: &[(&str, &str)]) -> ThreadedProducer<DefaultProducerContext> {
        let mut config = self.client();
        config
            .set("enable.idempotence", "true")
            .set("linger.ms", "20")
            .set("compression.type", "lz4")
            .set("queue.buffering.max.messages", "200000")
            .set("message.timeout.ms", "300000");
        for (key, value) in further {
            config.set(*key, *value);
        }
        config.create().expect("a producer")
    }

    /// Writes records to a topic and waits until they are there.
    pub fn write(&self, topic: &str, partition: i32, records: &[String]) {
        let producer = self.producer(&[]);
        for record in records {
            send(&producer, topic, partition, record.as_bytes());
        }
        producer.flush(Duration::from_secs(60)).expect("written");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(java) = &mut self.java {
            // Gone already where the test ended it.
            let _ = java.kill();
            let _ = java.wait();
        }
    }
}

/// Hands a record to a producer; waits for room.
pub fn send(
    producer: &ThreadedProducer<DefaultProducerContext>,
    topic: &str,
    partition: i32,
    record: &[u8],
) {
    loop {
        let message: BaseRecord<'_, [u8], [u8]> =
            BaseRecord::to(topic).partition(partition).payload(record);
        match producer.send(message) {
            Ok(()) => return,
            Err((error, _)) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err((error, _)) => panic!("{error}"),
        }
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

fn free_ports() -> (u16, u16) {
    let free = || TcpListener::bind("127.0.0.1:0").expect("a port");
    let (one, other) = (free(), free());
    let port = |socket: &TcpListener| socket.local_addr().expect("an address").port();
    (port(&one), port(&other))
}

/// Java with Kafka's classes.
fn java() -> Command {
    let mut command = Command::new("java");
    command
        .args(["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(format!("{}/*", jars().display()))
        .stdin(Stdio::null());
    command
}

/// Kafka's jars, fetched once.
fn jars() -> PathBuf {
    static ONCE: Mutex<()> = Mutex::new(());
    let _one = ONCE.lock().expect("unpoisoned");
    let home = Path::new(env!("CARGO_BIN_EXE_rollcall")).with_file_name("kafka-for-tests");
    let whole = home.join("whole");
    if !whole.exists() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/kafka/pom.xml");
        let fetched = Command::new("mvn")
            .args(["-q", "-B", "-f"])
            .arg(project)
            .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
            .arg(format!("-DoutputDirectory={}", home.display()))
            .output()
            .expect("mvn runs");
        assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stdout));
        fs::write(whole, "").expect("a file");
    }
    home
}
