//! Parsing in bytes a second on one core, and the whole check.

mod generated;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wslint_grammar::parse;
use wslint_model::assumptions::Assumptions;
use wslint_model::load::{LoadOptions, load_text};
use wslint_model::resolve::Configuration;
use wslint_rules::check::check;
use wslint_rules::rules;

const SERVERS: [usize; 3] = [1, 1_000, 10_000];

fn parsing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for servers in SERVERS {
        let text = generated::one_file(servers).into_bytes();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(servers), &text, |bencher, text| {
            bencher.iter_batched(|| text.clone(), parse, BatchSize::LargeInput);
        });
    }
    group.finish();
}

fn checking(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(20);
    for servers in SERVERS {
        let text = generated::one_file(servers).into_bytes();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(servers), &text, |bencher, text| {
            bencher.iter_batched(
                || text.clone(),
                |text| {
                    let loaded =
                        load_text("nginx.conf".to_owned(), None, text, &LoadOptions::default());
                    let configuration = Configuration::resolve(loaded);
                    check(&configuration, rules::ALL, &Assumptions::default()).len()
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, parsing, checking);
criterion_main!(benches);
