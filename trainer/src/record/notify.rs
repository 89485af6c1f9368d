//! Telling a URL that a run has ended.

use crate::Error;
use std::time::Duration;

/// Sends a message as ntfy (<https://docs.ntfy.sh/publish/>) takes it: text in the body of a POST,
/// its title in a header. Waits 5 seconds at most.
///
/// # Errors
/// When the URL cannot be reached or answers with an error; the text does not hold the URL, which may
/// be a secret.
pub fn notify(url: &str, title: &str, body: &str) -> Result<(), Error> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
    // A header is one line of ASCII.
    let title: String =
        title.chars().map(|c| if (' '..='~').contains(&c) { c } else { '?' }).collect();
    agent
        .post(url)
        .header("Title", title)
        .header("Content-Type", "text/plain; charset=utf-8")
        .send(body)
        .map(|_| ())
        .map_err(|error| {
            Error::failed(format!("notification: {}", error.to_string().replace(url, "the URL")))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    fn answer(status: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/secret-topic", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let mut request = Vec::new();
            let mut part = [0; 1024];
            while !request.ends_with(b"done in 3 h") {
                match stream.read(&mut part) {
                    Ok(count @ 1..) => request.extend(&part[..count]),
                    _ => break,
                }
            }
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
            String::from_utf8(request).unwrap()
        });
        (url, server)
    }

    #[test]
    fn a_message_arrives_with_its_title() {
        let (url, server) = answer("200 OK");
        notify(&url, "grid \u{2014} night\nX: y", "done in 3 h").unwrap();
        let request = server.join().unwrap().to_lowercase();
        assert!(request.starts_with("post /secret-topic http/1.1\r\n"), "{request}");
        assert!(request.contains("title: grid ? night?x: y\r\n"), "{request}");
        assert!(request.ends_with("\r\n\r\ndone in 3 h"), "{request}");
    }

    #[test]
    fn a_refusal_is_an_error_that_keeps_the_url_secret() {
        let (url, server) = answer("403 Forbidden");
        let error = notify(&url, "grid", "done in 3 h").unwrap_err().to_string();
        server.join().unwrap();
        assert!(error.contains("403") && !error.contains("secret-topic"), "{error}");
        assert!(notify("http://127.0.0.1:1/secret-topic", "grid", "").is_err());
    }
}
