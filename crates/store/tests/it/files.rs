//! Files are unreadable without their key, whole or refused, and gone when they are gone.

use store::{Error, files};

both! {
    fn content_of_every_length_comes_back(store) {
        for size in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
            let content: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let kept = files::write(store, content.as_slice()).unwrap();
            assert_eq!(kept.size, size as u64);
            assert_eq!(*files::read(store, &kept.name, &kept.key).unwrap(), content, "{size}");
        }
    }

    fn a_changed_a_shortened_or_an_exchanged_file_is_refused(store) {
        let content = vec![b'a'; 200_000];
        let kept = files::write(store, content.as_slice()).unwrap();
        let other = files::write(store, content.as_slice()).unwrap();
        let path = |name: &str| store.data().join("files").join(&name[..2]).join(name);
        let whole = std::fs::read(path(&kept.name)).unwrap();
        assert!(whole.windows(16).all(|window| window != [b'a'; 16]), "in clear on the disk");
        let refused = |bytes: &[u8]| {
            std::fs::write(path(&kept.name), bytes).unwrap();
            matches!(files::read(store, &kept.name, &kept.key), Err(Error::Damaged(_)))
        };
        for place in [0, 20, 70_000, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(refused(&changed), "byte {place}");
        }
        let first_chunk = 15 + 65_536 + 16;
        for length in [0, 15, 16, first_chunk, first_chunk + 1, whole.len() - 1] {
            assert!(refused(&whole[..length]), "cut to {length}");
        }
        assert!(refused(&[whole.as_slice(), &[0]].concat()), "longer");
        assert!(refused(&std::fs::read(path(&other.name)).unwrap()), "another file in its place");
        assert!(matches!(files::read(store, &kept.name, &other.key), Err(Error::Damaged(_))), "another file's key");
    }

    fn a_name_cannot_lead_elsewhere(store) {
        for name in ["", "..", "../../../../../../etc/passwd", "/etc/passwd", "ab/cd", "zz345678901234567890123456789012"] {
            assert!(matches!(files::read(store, name, b""), Err(Error::Malformed(_))), "{name}");
            assert!(matches!(files::remove(store, name), Err(Error::Malformed(_))), "{name}");
        }
    }

    fn what_nobody_refers_to_is_tidied_away_once_it_is_old(store) {
        let kept = files::write(store, b"kept".as_slice()).unwrap();
        let orphan = files::write(store, b"orphan".as_slice()).unwrap();
        store.write(|tx| tx.exec(
            "INSERT INTO document (id, kind, title, file, file_key, on_date, source, usable, version, recorded_at)
             VALUES (1, 'consent form', 'Form', ?1, ?2, '2026-01-01', 'the person', 1, 1, 0)",
            store::params![&kept.name, &kept.key],
        )).unwrap();
        assert_eq!(files::tidy(store).unwrap().gone, 0, "a young file may belong to an act under way");
        let old = std::time::SystemTime::UNIX_EPOCH;
        for name in [&kept.name, &orphan.name] {
            let path = store.data().join("files").join(&name[..2]).join(name);
            std::fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
        }
        let tidied = files::tidy(store).unwrap();
        assert_eq!((tidied.gone, tidied.left), (1, vec![]));
        assert!(files::exists(store, &kept.name).unwrap());
        assert!(!files::exists(store, &orphan.name).unwrap());
        // What is none of ours is named, and stops neither this nor the night.
        std::fs::write(store.data().join("files/stray"), b"somebody's").unwrap();
        std::fs::create_dir(store.data().join("files/lost+found")).unwrap();
        let another = files::write(store, b"another".as_slice()).unwrap();
        let path = store.data().join("files").join(&another.name[..2]).join(&another.name);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
        let tidied = files::tidy(store).unwrap();
        assert_eq!((tidied.gone, tidied.left.len()), (1, 1), "{tidied:?}");
        assert!(tidied.left[0].contains("stray"), "{tidied:?}");
        let today = jiff::civil::date(2026, 12, 1);
        let night = store::sweep::run(store, &crate::harness::policy(), today, &|| crate::story::noon(today), false);
        assert_eq!(night.unwrap().problems, tidied.left);
        files::remove(store, &kept.name).unwrap();
        files::remove(store, &kept.name).unwrap();
        assert!(matches!(files::read(store, &kept.name, &kept.key), Err(Error::Missing)));
    }
}
