use super::*;
use crate::finding::Kind;
use crate::inspection::{Disposition, PartPath};
use crate::text::{Body, Passage, Role};
use proptest::prelude::*;

fn document(role: Role, text: &str) -> Document {
    Document {
        part: PartPath("1".into()),
        disposition: Disposition::Body,
        passages: vec![Passage {
            place: "paragraph 1".into(),
            role,
            body: Body::Text(text.into()),
        }],
    }
}

fn kinds(text: &str) -> Vec<Kind> {
    find(&[document(Role::Body, text)], &Headers::default())
        .into_iter()
        .map(|finding| finding.kind)
        .collect()
}

fn strong(text: &str) -> bool {
    kinds(text).iter().any(|kind| {
        !matches!(
            kind,
            Kind::ConductTone | Kind::ConductPrivateUse | Kind::ChildAtRisk
        )
    })
}

#[test]
fn the_lexicon_is_whole() {
    lexicon::load().map(|_| ()).expect("the lexicon");
}

#[test]
fn heavy_swearing_is_strong_however_it_is_disguised() {
    for text in [
        "This is fucking ridiculous.",
        "what a load of bollocks",
        "Oh f*ck off",
        "sh1t, I forgot the register",
        "f u c k this",
        "FUUUUCK that meeting",
        "total cl*sterf*ck? No: total sh*tshow",
        "fućk the timetable",
        "He is a w@nker",
    ] {
        assert!(
            kinds(text).contains(&Kind::ConductObscene),
            "{text}: {:?}",
            kinds(text)
        );
    }
}

#[test]
fn insults_are_strong_when_aimed() {
    for text in [
        "You're an idiot and everybody knows it.",
        "your a complete moron",
        "You stupid woman, read the email.",
        "That useless woman in the office lost my form again.",
        "Mrs Young is an absolute cow.",
        "She is a lazy bitch",
        "You are pathetic.",
        "what an utter imbecile he is",
        "those idiots at the council have done it again",
        "You are the stupidest man I have ever dealt with.",
        "a fat idle liar who couldn't run a bath",
        "She's a nasty piece of work, that one",
        "you pathetic little man",
        "The man is a complete and utter arse.",
        "Don't talk to me like that, you silly little girl",
    ] {
        assert!(
            kinds(text).contains(&Kind::ConductInsult),
            "{text}: {:?}",
            kinds(text)
        );
    }
}

#[test]
fn threats_and_slurs_are_strong() {
    for text in [
        "If you ring again I'll kill you.",
        "Watch your back.",
        "I know where you live",
        "Sort it out or you'll regret it",
        "Come near my classroom again and I will put you through the wall.",
        "I'd have you over the photocopier if there wasn't a queue",
        "I'll set the dog on you",
    ] {
        assert!(
            kinds(text).contains(&Kind::ConductThreat),
            "{text}: {:?}",
            kinds(text)
        );
    }
    for text in [
        "the pikeys are back on the field",
        "bloody foreigners, the lot of them",
        "Tell them to go back to their, sorry, go back to your own country",
        "all muslims are the same",
    ] {
        assert!(
            kinds(text).contains(&Kind::ConductDiscriminatory),
            "{text}: {:?}",
            kinds(text)
        );
    }
}

#[test]
fn what_was_said_by_others_is_no_conduct_of_the_writer() {
    for text in [
        "Incident report: at 10.15 he called her a \"fat cow\" and told her to fuck off.",
        "She shouted 'You're a dickhead!' at the lunchtime supervisor.",
        "\"Fuck off!\" he shouted, and threw the chair.",
        "A parent left a message calling Mrs Thorpe a useless bitch.",
        "Someone has written the word cunt on the toilet door.",
        "He used the n word, 'nigger', twice in the corridor.",
        "He alleges that another boy said he would smash his face in.",
    ] {
        assert!(kinds(text).is_empty(), "{text}: {:?}", kinds(text));
    }
}

#[test]
fn towns_names_and_idioms_are_nothing() {
    for text in [
        "The coach leaves Scunthorpe at nine, Penistone at ten, and Essex at noon.",
        "Dick Hancock will assess the cockerel's class.",
        "His notes mention spastic diplegia and a spastic quadriplegia query.",
        "There is a chink of light at the end of the tunnel.",
        "Please kill the lights and shoot me an email.",
        "Blue tits and great tits on the feeder; pork faggots and peas for lunch.",
        "School raffle tickets are a pound, and the cake sale is on Friday.",
        "The school council election is on Friday: vote for your favourite candidate.",
        "School is closed on Thursday as it is used as a polling station.",
        "You'll be sorry to hear that Mrs Quill is leaving.",
        "You won't regret it!",
        "Grade A* in maths, A*A*A overall.",
        "We bet you can't wait. Against all odds they won the odds and evens game.",
        "Please forward this email to all staff in your department.",
        "The school is selling its old minibus; sealed bids by Friday.",
        "He is working hard on it.",
        "The Gypsy, Roma and Traveller community and black history month.",
        "In chapter 3 of Of Mice and Men the word nigger is used; the lesson discusses why.",
        "Isla has been a star. Thank you for your help with the trip.",
        "I felt such an idiot when I realised I'd sent the wrong date.",
        "That poor woman. Those lovely people at the library.",
        "The National Lottery Community Fund grant for the pond has come.",
        "You need thick felt pens. This pair is fat free.",
        "He works one to one on Fridays with Miss Quill, who is taking over the Tuesday club.",
        "Pick a number from 1 to 10 and work out the odds of rolling a six in the probability game.",
        "Isla said that another child called her stupid and told her to shut up.",
        "The donkey ride was a hit; Mr Sprake was the pantomime dame.",
        "The old desks are for sale to staff by sealed bid as agreed by governors.",
        "We have spare tickets for the nativity; first come first served from the office.",
        "If you do not send the form back by Friday we cannot take Isla on the trip.",
        "We cannot make you pay for the trip, but without voluntary contributions it may not run.",
        "Accidents happen! Please send spare clothes. Sit on your bum on the carpet.",
        "You are the witch in the play, and you're a cow in the nativity.",
        "Grandma is coming to get you at three. Nobody wants you to feel pressured.",
        "Please bring your offers to the admissions office; no offers have been made in any region.",
        "You'll regret missing the summer fair on Saturday!",
        "Children should go back to their classes; they're taking over from Year 6.",
        "She can't speak a word of English yet and is settling in well.",
        "The toilets are disgusting and the boiler is useless.",
        "Mrs Barrow is so lovely. Dick and Fanny Robinson send their love.",
        "All Muslims are asked to pray five times a day; refugees are welcome here.",
        "Spic and span, a cock and bull story, and a wicked witch with a pussy cat.",
        "Get well soon. Break a leg tonight! We will kill two birds with one stone.",
        "This could ruin your new trainers, so wear old ones.",
        "Good luck for tomorrow, Year 6!",
        "Would you vote for your favourite book? Labour and parts come to £340.",
    ] {
        assert!(kinds(text).is_empty(), "{text}: {:?}", kinds(text));
    }
}

#[test]
fn mild_words_are_only_noted() {
    for text in [
        "The bloody printer is broken again.",
        "What a muppet I was. You numpty!",
        "I am sick and tired of chasing this.",
    ] {
        assert_eq!(kinds(text), [Kind::ConductTone], "{text}");
    }
    assert!(!strong("You're such an idiot haha, see you Friday xx"));
}

#[test]
fn private_uses_are_told_from_the_schools_own() {
    for (text, kind) in [
        (
            "Forward this to ten friends within 24 hours or you will have bad luck.",
            Kind::ChainLetter,
        ),
        (
            "Please send this to everyone you know and do not break the chain.",
            Kind::ChainLetter,
        ),
        (
            "I'm selling my old sofa, £80 ono, collection only.",
            Kind::ConductSelling,
        ),
        (
            "Anyone want to buy my Fiesta? 2014, full service history, MOT until May.",
            Kind::ConductSelling,
        ),
        (
            "The new Avon brochure is in the staff room, orders to me by Friday.",
            Kind::ConductSelling,
        ),
        (
            "Grand National sweepstake: £2 a horse, winner takes all.",
            Kind::ConductGambling,
        ),
        (
            "Stick a tenner on Arsenal for me at the bookies.",
            Kind::ConductGambling,
        ),
        (
            "Please vote Labour on Thursday and help us get the Tories out.",
            Kind::ConductPolitical,
        ),
        (
            "I'm standing for council as the Green candidate and hope to count on your vote on Thursday.",
            Kind::ConductPolitical,
        ),
    ] {
        assert!(kinds(text).contains(&kind), "{text}: {:?}", kinds(text));
    }
}

#[test]
fn a_parents_abuse_below_a_reply_is_not_the_repliers() {
    let documents = [
        document(
            Role::Body,
            "Dear Mr X, thank you for your email. I am sorry that you feel so.",
        ),
        document(Role::Quoted, "You're a useless idiot, fuck off."),
    ];
    assert!(find(&documents, &Headers::default()).is_empty());
}

#[test]
fn a_joke_sent_on_is_the_senders() {
    let headers = Headers {
        subject: "Fwd: too good".into(),
        ..Headers::default()
    };
    let documents = [
        document(Role::Body, "lol this made me laugh"),
        document(Role::Quoted, "Two pakis walk into a pub"),
    ];
    assert!(!find(&documents, &headers).is_empty());
}

#[test]
fn a_finding_keeps_no_word() {
    let found = find(
        &[document(Role::Body, "you are a fucking idiot")],
        &Headers::default(),
    );
    assert!(!found.is_empty());
    assert!(
        found
            .iter()
            .all(|finding| finding.excerpt.as_str().is_empty())
    );
}

#[test]
fn a_child_says_that_it_is_in_danger() {
    for text in [
        "Miss, I don't want to be here any more.",
        "i just wanna die",
        "My dad hits me when he is drunk and I am scared to go home",
        "i've been cutting myself again and nobody knows",
        "he keeps asking me for nudes",
        "My stepdad touches me. Please don't tell anyone",
    ] {
        assert!(kinds(text).contains(&Kind::ChildAtRisk), "{text}");
    }
    for text in [
        "I nearly killed myself laughing in drama today",
        "I wanted to die of embarrassment when I dropped the tray",
        "I cut myself on the paper, can I have a plaster?",
        "My dad will pick me up at three",
        "Sorry I hurt myself at football so I can't do PE",
        "My dad hit the roof about my report",
    ] {
        assert!(!kinds(text).contains(&Kind::ChildAtRisk), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,300}") {
        let _ = kinds(&text);
    }

    #[test]
    fn letters_around_a_word_make_it_another(
        before in "[a-eg-z]{1,4}", word in "(idiot|wanker|slag|twat)", after in "[a-df-rt-z]{1,4}",
    ) {
        let text = format!("the {before}{word}{after} of Year 4");
        prop_assert!(kinds(&text).is_empty(), "{}", text);
    }
}
