//! What it costs to judge a title with few and with very many categories, for one of the people whose
//! they are, and to compile them. The figures in docs/CATEGORIES.md come from here: `cargo bench --bench classify`.

use criterion::BatchSize;
use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;
use jiff::Timestamp;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use tradepost::classify::BuiltIn;
use tradepost::classify::Classifier;
use tradepost::classify::Classifiers;
use tradepost::classify::criteria;
use tradepost::domain::category::CategoryId;
use tradepost::domain::category::OwnCategory;
use tradepost::domain::ids::ExternalId;
use tradepost::domain::ids::SourceId;
use tradepost::domain::ids::UserId;
use tradepost::domain::text::Line;
use tradepost::domain::trade::Trade;

/// How many categories there are in all, the four built-in ones among them.
const SIZES: [usize; 3] = [4, 100, 10_000];
/// How many own categories each person has.
const EACH: usize = 5;

const ENGLISH: [&str; 8] = [
    "Silicone phone case for iPhone 15 Pro Max, lavender",
    "Sony WH-1000XM5 noise cancelling headphones, boxed",
    "Solid oak dining table with six chairs, collection only",
    "Organic cotton newborn bodysuits, 5 pack, long sleeve",
    "Taylor Swift Eras Tour ticket, Wembley, block 112 row 8",
    "Handmade ceramic mug, speckled glaze, 350 ml",
    "Levi's 501 jeans W32 L34 light wash",
    "Green tea sampler, 12 kinds, gift box",
];
const CHINESE: [&str; 8] = [
    "2024新款蓝牙耳机入耳式学生党高颜值长续航降噪包邮",
    "适用苹果15promax手机壳液态硅胶防摔全包高级感新款包邮",
    "北欧客厅地毯 160*230 可机洗 短绒",
    "孕妇裤秋冬外穿托腹打底裤 高腰可调节 大码",
    "五月天鸟巢演唱会看台480 原价转",
    "马克杯 陶瓷 带盖带勺 情侣一对",
    "五常大米 10kg 稻花香",
    "碧螺春明前特级 250g 礼盒",
];

/// Parts of which words are made that look like those people type.
const SYLLABLES: [&str; 24] = [
    "ba", "ter", "mon", "li", "ka", "ro", "sen", "di", "va", "no", "pel", "tu", "ri", "go", "mar", "chi", "lo", "fen", "sa", "wick", "ber",
    "ton", "es", "qui",
];
const CHARACTERS: &str = "茶面酒鞋包花鱼米油书车灯球笔琴画石木竹金银玉衣帽布丝棉皮香甜辣咸红绿黑白小大老新春夏秋冬";
const COMMON: [&str; 8] = ["tea", "coffee", "shoes", "bike", "茶", "零食", "手办", "相机"];

/// Numbers without a pattern, always the same (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap_or_default()
    }

    fn word(&mut self) -> String {
        match self.below(10) {
            0 => COMMON[self.below(COMMON.len())].to_owned(),
            1..=5 => (0..2 + self.below(3)).map(|_| SYLLABLES[self.below(SYLLABLES.len())]).collect(),
            _ => {
                let all: Vec<char> = CHARACTERS.chars().collect();
                (0..2 + self.below(2)).map(|_| all[self.below(all.len())]).collect()
            }
        }
    }

    /// What a person may type: some words, one that is unwanted, and a pattern or two.
    fn criteria(&mut self) -> String {
        let mut typed: Vec<String> = (0..4 + self.below(6)).map(|_| self.word()).collect();
        typed.push(format!("-{}", self.word()));
        typed.push(format!("/{}s? ?[0-9]+/", self.word()));
        typed.push(format!("/({}|{}).*{}/", self.word(), self.word(), self.word()));
        if self.below(4) == 0 {
            typed.push(format!("price < {} EUR", 10 + self.below(500)));
        }
        typed.join(", ")
    }
}

/// People with `number` own categories in all.
fn people(number: usize) -> Vec<(UserId, Vec<OwnCategory>)> {
    let mut numbers = Numbers(1);
    let mut people: Vec<(UserId, Vec<OwnCategory>)> = Vec::new();
    for index in 0..number {
        if index % EACH == 0 {
            people.push((UserId::new(format!("@user{index}:example.org")), Vec::new()));
        }
        let name = format!("category {index}");
        let Ok(criteria) = criteria::read(&numbers.criteria()) else { continue };
        let category = OwnCategory { id: CategoryId::new(name.clone()), name: Line::title(&name), criteria };
        people.iter_mut().last().into_iter().for_each(|(_, categories)| categories.push(category.clone()));
    }
    people
}

fn compile(people: &[(UserId, Vec<OwnCategory>)]) -> Arc<Classifier> {
    Classifiers::new(BuiltIn::standard()).of(people.iter().map(|(owner, categories)| (owner, categories.as_slice())))
}

fn trade(title: &str) -> Trade {
    Trade::listing(SourceId::new("feed|https://shop.example/feed"), ExternalId::new("1"), Line::title(title), Timestamp::UNIX_EPOCH)
}

fn judging(criterion: &mut Criterion) {
    for (language, titles) in [("english", ENGLISH), ("chinese", CHINESE)] {
        let trades = titles.map(trade);
        let mut group = criterion.benchmark_group(format!("judge 8 {language} titles"));
        for size in SIZES {
            let people = people(size - 4);
            let classifier = compile(&people);
            let joy = people.first().map_or_else(|| UserId::new("@joy:example.org"), |(owner, _)| owner.clone());
            group.bench_function(format!("{size} categories"), |bencher| {
                bencher.iter(|| trades.each_ref().map(|trade| classifier.judge(black_box(trade)).of(&joy)));
            });
        }
        group.finish();
    }
}

fn compiling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    for size in SIZES {
        let people = people(size - 4);
        group.bench_function(format!("{size} categories"), |bencher| {
            bencher.iter_batched(|| (), |()| compile(&people), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, judging, compiling);
criterion_main!(benches);
