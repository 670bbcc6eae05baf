//! Handshakes followed through one configuration, on one core.

mod generated;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wslint_grammar::catalogue::Version;
use wslint_model::assumptions::Assumptions;
use wslint_model::handshake::{Client, Kind, Question, Tracer};
use wslint_model::load::{LoadOptions, load_text};
use wslint_model::resolve::Configuration;
use wslint_rules::context::Context;

const SERVERS: [usize; 3] = [100, 1_000, 10_000];

/// A handshake for each server.
fn questions(servers: usize) -> Vec<Question> {
    let question = |number| Question {
        url: format!("ws://site{number}.example.com:8080/ws/room").parse().expect("a URL"),
        client: Client::Chrome,
        fields: Vec::new(),
        address: None,
        proxy_protocol: false,
        nginx_version: Version::new(1, 22, 1),
    };
    (0..servers).map(question).collect()
}

fn tracing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("trace");
    group.sample_size(20);
    for servers in SERVERS {
        let text = generated::one_file(servers).into_bytes();
        let loaded = load_text("nginx.conf".to_owned(), None, text, &LoadOptions::default());
        let configuration = Configuration::resolve(loaded);
        let assumptions = Assumptions::default();
        let context = Context::new(&configuration, &assumptions);
        let questions = questions(servers);
        group.throughput(Throughput::Elements(servers as u64));
        group.bench_function(BenchmarkId::from_parameter(servers), |bencher| {
            bencher.iter(|| {
                let tracer = Tracer::new(&context);
                let switches = questions
                    .iter()
                    .filter(|question| tracer.trace(question).outcome.kind == Kind::Switches);
                assert_eq!(switches.count(), servers);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, tracing);
criterion_main!(benches);
