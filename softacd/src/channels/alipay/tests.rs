//! Vectors that an independent implementation made, with keys that open nothing.

use axum::http::{HeaderMap, Method};
use ngcc_proto::config::ChannelKind;

use super::*;

const THEIR_PUBLIC: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu8XlSO3qTS5iGujFoy0JcI7B3b3JT6Utc/QyDjgZoqmjuJrZjsh1YDVygWqL0gl+MkNmmB7ywZY0I3Cd3CmOgwoTASA4oPFqx2M9VS7JAOQRk5VsCGmgTyrKIhqgXK5tD/KLJ10Q1DGHoRgZgPJvjAfDGS7qobMyn9c18HclxMOuHW47eIQZ/92MFDzqhMvSA/ZGmguRVPwlIDtpMzoJoHuNmJl6bDb00yudWab56iAIz4vahhg1kfrUqXRJ7HB1Ydswn0BlhUoGkeOHHjeKnNLbel8gAVMDQxXsrdQwDQKnpkXFJuKUB9yRx+anUpdRaTwPsgM7hgN5x1ZCFnOtHwIDAQAB";
const OUR_PRIVATE: &str = "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDDCCJjMfls9XrO7HH81zkSBU8A6c1KIwB9FccvAI1BLyLA0/+Y0KR7X5FSRJGjmVqzmjik5laYulvH1RPXWmZcO9CTj+96Rz9HroJMxp71BUvl9YD8Q2gWV1eq6QlkYudeg2XVC+pbKeB0K/wpNRHnAPE+dBBAsSKXJIe4ctnSZH3wBG+ntuItZBz9vxMKQPndGSpMqv6c66I6YAzupLa6L4hJ3qrc4l2z3pU0iYj9U73Yp+JNxbQA8HU0Z3bMNX6clm4JsK/C/Getioz3Jwj8iyEip+PKwH9urWQVKRuIWom+jTlhrP3EGRY0e8UMwx5We2P562kqIAiZ0nqbWQPTAgMBAAECggEABJoLiFWkh0/0ztnAssY36tdEjvFKo7uBsRyIxPDOucFX9j7KTXEW1cZifRNwcEYXtXHScP7yVMuI4NqD4P/utwcTm80N9HpRNurE2PToHpXlEuRLtSgOAQDx6O7IsZ1XzODC0AJmTDJdFmtMmYL5YimhMj0LfnXvgADKUa18ED0TeRhST7cRSMEBp6QmnLZlSokILhft0Qmy2P0K+dO2EY6jqJE31XiOjO/USJ826exbYeKrzeUC5EZqjXnrqgMMBV32eESL+tzLGERhW4a5vdiizZGtX7UzsIq6kZBtGHePQMH8cqnq6+lc0ASTtjcXXcEiEtl2u8NykCgiaLLaOQKBgQD9tyBvc1YLLFtFZEBkf8CgkeDau1jnWf2ENnGJkpPJJH4NXwPO2HW85k9Eh7gtDZHnbZ6IVbWR6NiXiddpghZ3GEqIRCEJVIOvmLaMhQYAYwTftI638ywHcT3S44mDd/vA51CerVXc3eJX9YBu4mKDCts7u44g1vn8QA66cX4ONwKBgQDEybpvVvim6bLaQGeEg2GcTIvL7qypyAEsvwZNr9UgJPHmU7m81Z5YfCfAvCG6qkpePeMMukmBS3lZkqUNzCDKMZPwqPkQ+tfA5p2Ksq5Q9kgtFptcSQ3O8psIus/95YyUJHSG84Vi7Y++9KOjZxzaukxAFgvKBoXZbQTUY3rJRQKBgQDcIK++ouYLia+i1CleSM07Q3ZAsP2gtJ5VwNrfTtJ0WPoY5dAq/fmhLH2n6s0sIbLuhVhf12VStCB/0jOYsiqFqAi6k8nKC465opj38E5VtZO7+C8/gHc5+dF3EL311/sQ0mFLWv69Q7InOLT2/+oS4i92cvMMoRiB+J4Ou3twHwKBgQCTnyzfVyPiuo9z0DqXmqM/x+BbFGmsV6Ah/A7zekLsASsB+K7t7GYDxOdhWwAGcralKdHIe3qmpoKa4jo1NnsmkriDIY7t4O63A4kNQesoSwhr4nibayYTp8ULcHCU631gqFRN5CKcys85lXWoH7LyliybKq6fV/NS3shvt0yl7QKBgQCMPRUBkJlC4h8Xes3ayj23B443tyZnv7vkViS7vPV21MoWgvzqW01CqxZKCRIFVJyqFukLIxcAJT5Qnh8Q3Rl2NFNlEN+WTbGW/GYo/YSYedhHdUxJVZPzHTyz3NQScj6CcW4UFH0iUCoEU9d3Sgfuij0uQDCj+F6Nw0wCCfLSsA==";
const OUR_PRIVATE_PKCS1: &str = "MIIEpQIBAAKCAQEAwwgiYzH5bPV6zuxx/Nc5EgVPAOnNSiMAfRXHLwCNQS8iwNP/mNCke1+RUkSRo5las5o4pOZWmLpbx9UT11pmXDvQk4/vekc/R66CTMae9QVL5fWA/ENoFldXqukJZGLnXoNl1QvqWyngdCv8KTUR5wDxPnQQQLEilySHuHLZ0mR98ARvp7biLWQc/b8TCkD53RkqTKr+nOuiOmAM7qS2ui+ISd6q3OJds96VNImI/VO92KfiTcW0APB1NGd2zDV+nJZuCbCvwvxnrYqM9ycI/IshIqfjysB/bq1kFSkbiFqJvo05Yaz9xBkWNHvFDMMeVntj+etpKiAImdJ6m1kD0wIDAQABAoIBAASaC4hVpIdP9M7ZwLLGN+rXRI7xSqO7gbEciMTwzrnBV/Y+yk1xFtXGYn0TcHBGF7Vx0nD+8lTLiODag+D/7rcHE5vNDfR6UTbqxNj06B6V5RLkS7UoDgEA8ejuyLGdV8zgwtACZkwyXRZrTJmC+WIpoTI9C35174AAylGtfBA9E3kYUk+3EUjBAaekJpy2ZUqJCC4X7dEJstj9CvnTthGOo6iRN9V4jozv1EifNunsW2Hiq83lAuRGao1566oDDAVd9nhEi/rcyxhEYVuGub3Yos2RrV+1M7CKupGQbRh3j0DB/HKp6uvpXNAEk7Y3F13BIhLZdrvDcpAoImiy2jkCgYEA/bcgb3NWCyxbRWRAZH/AoJHg2rtY51n9hDZxiZKTySR+DV8Dzth1vOZPRIe4LQ2R522eiFW1kejYl4nXaYIWdxhKiEQhCVSDr5i2jIUGAGME37SOt/MsB3E90uOJg3f7wOdQnq1V3N3iV/WAbuJigwrbO7uOINb5/EAOunF+DjcCgYEAxMm6b1b4pumy2kBnhINhnEyLy+6sqcgBLL8GTa/VICTx5lO5vNWeWHwnwLwhuqpKXj3jDLpJgUt5WZKlDcwgyjGT8Kj5EPrXwOadirKuUPZILRabXEkNzvKbCLrP/eWMlCR0hvOFYu2PvvSjo2cc2rpMQBYLygaF2W0E1GN6yUUCgYEA3CCvvqLmC4mvotQpXkjNO0N2QLD9oLSeVcDa307SdFj6GOXQKv35oSx9p+rNLCGy7oVYX9dlUrQgf9IzmLIqhagIupPJyguOuaKY9/BOVbWTu/gvP4B3OfnRdxC99df7ENJhS1r+vUOyJzi09v/qEuIvdnLzDKEYgfieDrt7cB8CgYEAk58s31cj4rqPc9A6l5qjP8fgWxRprFegIfwO83pC7AErAfiu7exmA8TnYVsABnK2pSnRyHt6pqaCmuI6NTZ7JpK4gyGO7eDutwOJDUHrKEsIa+J4m2smE6fFC3BwlOt9YKhUTeQinMrPOZV1qB+y8pYsmyqun1fzUt7Ib7dMpe0CgYEAjD0VAZCZQuIfF3rN2so9tweON7cmZ7+75FYku7z1dtTKFoL86ltNQqsWSgkSBVScqhbpCyMXACU+UJ4fEN0ZdjRTZRDflk2xlvxmKP2EmHnYR3VMSVWT8x08s9zUEnI+gnFuFBR9IlAqBFPXd0oH7oo9LkAwo/hejcNMAgny0rA=";
const OUR_PUBLIC: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwwgiYzH5bPV6zuxx/Nc5EgVPAOnNSiMAfRXHLwCNQS8iwNP/mNCke1+RUkSRo5las5o4pOZWmLpbx9UT11pmXDvQk4/vekc/R66CTMae9QVL5fWA/ENoFldXqukJZGLnXoNl1QvqWyngdCv8KTUR5wDxPnQQQLEilySHuHLZ0mR98ARvp7biLWQc/b8TCkD53RkqTKr+nOuiOmAM7qS2ui+ISd6q3OJds96VNImI/VO92KfiTcW0APB1NGd2zDV+nJZuCbCvwvxnrYqM9ycI/IshIqfjysB/bq1kFSkbiFqJvo05Yaz9xBkWNHvFDMMeVntj+etpKiAImdJ6m1kD0wIDAQAB";
const MESSAGE: &str = "service=alipay.mobile.public.message.notify&charset=GBK&sign_type=RSA2&biz_content=%3CXML%3E%3CAppId%3E%3C%21%5BCDATA%5B2021000000000001%5D%5D%3E%3C%2FAppId%3E%3CFromUserId%3E%3C%21%5BCDATA%5B2088102122458832%5D%5D%3E%3C%2FFromUserId%3E%3CCreateTime%3E%3C%21%5BCDATA%5B1700000000000%5D%5D%3E%3C%2FCreateTime%3E%3CMsgType%3E%3C%21%5BCDATA%5Btext%5D%5D%3E%3C%2FMsgType%3E%3CEventType%3E%3C%21%5BCDATA%5B%5D%5D%3E%3C%2FEventType%3E%3CMsgId%3E%3C%21%5BCDATA%5Bm1%5D%5D%3E%3C%2FMsgId%3E%3CText%3E%3CContent%3E%3C%21%5BCDATA%5B%C4%E3%BA%C3%5D%5D%3E%3C%2FContent%3E%3C%2FText%3E%3C%2FXML%3E&sign=PHgn89KevJSa2RRlAU%2BtAAR58Z1MfABYT9DkJKtpFdeTrvjOnTwzBscvgAvmDGiucnb3PuBF5z0P6ASxquugNsS7fM%2B%2F8cnIm2PX8GMhcSIUQnbtMh24qNabw0TTiAiawF0DA1rfiocr6OptBCD4E1jz6yVY5r9VQtbyx%2BOU86dLfk9UUHc1QQgDnVlaWw7xc27Aj0UGOekh7TdxFqA5cXElo0CuEWVz7nuK7%2FbUFTa%2BlPdCeB0anpxtmbGwMIEq4hcmoH6becZ%2Fd5oGYR%2B5MheBwn8kq1e%2BQ6XGiL1xigM8NYessV4SZTJ6eecA3COhT8QRLn7bcqSPhULA%2FB4I2g%3D%3D";
const QUESTION: &str = "service=alipay.service.check&charset=GBK&sign_type=RSA2&biz_content=%3CXML%3E%3CAppId%3E%3C%21%5BCDATA%5B2021000000000001%5D%5D%3E%3C%2FAppId%3E%3CFromUserId%3E%3C%21%5BCDATA%5B%5D%5D%3E%3C%2FFromUserId%3E%3CCreateTime%3E%3C%21%5BCDATA%5B1700000000000%5D%5D%3E%3C%2FCreateTime%3E%3CMsgType%3E%3C%21%5BCDATA%5B%5D%5D%3E%3C%2FMsgType%3E%3CEventType%3E%3C%21%5BCDATA%5Bverifygw%5D%5D%3E%3C%2FEventType%3E%3C%2FXML%3E&sign=e9krbmxFCfSFjFzoZJlmQraF%2BxTjqXWcgLxGVCMUDl5gYkg4qhcAi5YkTlq0vlaL8HEbtU3zCzRb0zz%2FUhjAGroHlgNCnne8QHJOrcEM8r7VpmcGwWit13R%2FgvloRqbzJ8r2GKJAy30td6solEbI4Uf9kbz5HMRuEvp7whpiLI3LUWR%2F6EKMzHTDD2fngmAem4hHy9bhPjvG2ISWEnKOJH4UIuTZ%2Fhzrtn4Qb%2FkCyZ4KCcVDsCxf8T%2BimYXCpo%2F%2FEbW2SklVN4APH0WDJL2GkH8vSQGGhg2UCbiz%2B2nIW5LFWzW1rUoLHYGV4jAJvP52UjdGU7yMOPL8RqejhObzXA%3D%3D";
const ANSWER_SIGN: &str = "HPjbtEb3mjvJH0u9xUuEXFKlJpnVONbEQ6wMPsl0bW4aC3X9oC9bQZi3w8q+acPD2tZNP0IIMynDwMEHVcS54jz0BcB8Xzf7uebQbOY+Jv94MS5+wgDn3QLGVEniUQvdBGaJG0+0BcoWkuTxKSCAWmqqp2le/n1eAbtiNVCpcrCoSUExTK2+HHU+zkardRK8/r7EBTfS1RxUuV+aSNwkEAhBpUOdz6Myt4EAc/0XKRlLkMrAUmArUsDPVMEdHqxkzrrRtgst8ZkV8FzjCoO64IPLgSnewy97NEQDeGzXv4pxeJnUGppg6v/9O+47GIgy1Bymx0yKc0amWlvTXks6ug==";

fn alipay(private: &str) -> Alipay {
    let settings = Channel {
        name: "alipay".into(),
        kind: ChannelKind::Alipay,
        entry: "shop".into(),
        account: "2021000000000001".into(),
        url: String::new(),
        lang: "zh".into(),
        mail: None,
        secrets: None,
    };
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{THEIR_PUBLIC}\n-----END PUBLIC KEY-----\n");
    let secrets = [("alipay_public_key", pem), ("app_private_key", private.to_owned())];
    Alipay::new(&settings, &secrets.map(|(name, text)| (name.to_owned(), text)).into())
}

fn read(alipay: &Alipay, body: &str) -> Result<Turn, Denied> {
    let (method, query, headers) = (Method::POST, BTreeMap::new(), HeaderMap::new());
    let body = body.as_bytes();
    alipay.read(&Request { method: &method, query: &query, headers: &headers, body, now: Wall(0) })
}

#[test]
fn a_message_in_gbk_is_read_by_its_signature() {
    let alipay = alipay(OUR_PRIVATE);
    let turn = read(&alipay, MESSAGE).unwrap();
    assert_eq!(turn.answer, Answer::text("success"));
    let [one] = &turn.brought[..] else { panic!("{turn:?}") };
    assert_eq!((one.from.as_str(), one.id.as_str()), ("2088102122458832", "m1"));
    assert_eq!((&one.what, &one.reply), (&What::Text("你好".into()), &None));
    for (from, to) in [("m1", "m2"), ("=RSA2", "=RSA"), ("sign=", "s=")] {
        assert_eq!(read(&alipay, &MESSAGE.replace(from, to)), Err(Denied::Unsigned), "{to}");
    }
    assert_eq!(read(&alipay, ""), Err(Denied::Unsigned));
    assert!(matches!(read(&alipay, "no form"), Err(Denied::Unsigned)));
}

#[test]
fn the_question_whether_this_is_the_place_is_answered_with_the_signed_public_key() {
    for key in [OUR_PRIVATE, OUR_PRIVATE_PKCS1] {
        let answer = read(&alipay(key), QUESTION).unwrap().answer;
        let inner = format!("<success>true</success><biz_content>{OUR_PUBLIC}</biz_content>");
        assert!(answer.body.contains(&format!("<response>{inner}</response>")), "{}", answer.body);
        assert!(answer.body.contains(&format!("<sign>{ANSWER_SIGN}</sign>")), "{}", answer.body);
    }
    assert!(matches!(read(&alipay("no key"), QUESTION), Err(Denied::Unreadable(_))));
}

#[test]
fn events_are_acts_and_an_answer_to_one_names_it() {
    let act = |kind: &'static str, event: &'static str| {
        let fields = BTreeMap::from([
            ("FromAlipayUserId", "u1"),
            ("CreateTime", "7"),
            ("MsgType", kind),
            ("EventType", event),
            ("ActionParam", "hours"),
            ("MediaId", "p1"),
        ]);
        brought(|name| fields.get(name).copied().unwrap_or_default()).unwrap()
    };
    let came = act("event", "follow").unwrap();
    assert_eq!((came.id.as_str(), came.what), ("u1 7 follow", What::Comes));
    assert_eq!(came.reply.as_deref(), Some("follow"));
    assert_eq!(act("event", "click").unwrap().what, What::Pressed("hours".into()));
    assert_eq!(act("event", "unfollow").unwrap().what, What::Goes);
    assert_eq!(act("image", "").unwrap().what, What::Media { id: "p1".into(), name: "image".into() });
    assert_eq!(act("event", "enter"), None);
}

#[test]
fn an_answer_is_what_it_says_and_fine_only_when_it_is_signed() {
    let alipay = alipay(OUR_PRIVATE);
    let answer = |node: &str| {
        let name = "alipay_open_public_message_custom_send_response";
        alipay.outcome(SEND, &format!(r#"{{"{name}":{node},"sign":"AAAA"}}"#))
    };
    let unsigned = answer(r#"{"code":"10000","msg":"Success"}"#);
    assert!(matches!(unsigned, Err(Failed::Now(_))), "nobody has signed it");
    let shut = r#"{"code":"40004","sub_code":"MSG_SD_OVER_TIME","sub_msg":"a } in it, and a \" too"}"#;
    assert_eq!(answer(shut), Err(Failed::Shut));
    for (code, sub) in [("20000", "isp.unknow-error"), ("40005", "x")] {
        let told = answer(&format!(r#"{{"code":"{code}","sub_code":"{sub}"}}"#));
        assert!(matches!(told, Err(Failed::Now(_))), "{sub}: {told:?}");
    }
    let account = r#"{"code":"40002","sub_code":"isv.invalid-signature","sub_msg":"x"}"#;
    assert_eq!(answer(account), Err(Failed::Token(Told::new(40_002, Some("isv.invalid-signature x")))));
    let refused = Failed::Code(Told::new(40_004, Some("USER_NOT_FOLLOW")));
    assert_eq!(answer(r#"{"code":"40004","sub_code":"USER_NOT_FOLLOW"}"#), Err(refused));
    for strange in ["", "<html>", r#"{"alipay_open_public_message_custom_send_response":{"code""#] {
        assert!(matches!(alipay.outcome(SEND, strange), Err(Failed::Now(_))), "{strange}");
    }
}

#[test]
fn what_goes_out_is_signed_and_says_the_time_of_china() {
    let content = json!({ "to_user_id": "u1" });
    let form = alipay(OUR_PRIVATE).signed(SEND, &content, Wall(1_700_000_000_000)).unwrap();
    let form = form::read(form.as_bytes()).unwrap();
    assert_eq!(form["timestamp"], b"2023-11-15 06:13:20");
    let plain = form.iter().filter(|(name, _)| *name != "sign");
    let plain: Vec<_> = plain.map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    let sign = std::str::from_utf8(&form["sign"]).unwrap();
    let known = Public::new(OUR_PUBLIC).unwrap();
    assert!(known.knows(&plain.join(&b'&'), sign) && !known.knows(b"another", sign));
}
