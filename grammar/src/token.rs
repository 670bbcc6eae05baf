//! The tokens of a tree: every byte of the text, in order.

use crate::{Span, Tree, lex};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A directive's name or argument, with its quotes.
    Word,
    /// `;`
    Semicolon,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// The text between the braces of a Lua block.
    RawBody,
    /// `#` to the end of the line.
    Comment,
    /// White space.
    Blank,
    /// Text that stands for nothing because of a syntax error there.
    Skipped,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

impl Tree {
    /// All tokens, white space and comments too. They follow each other without a gap from the
    /// first byte to the last, so their texts make up the file.
    pub fn tokens(&self) -> Vec<Token> {
        let mut solid = self.solid_tokens();
        solid.sort_by_key(|token| (token.span.start, token.span.end));
        let mut tokens = Vec::with_capacity(solid.len() * 2);
        let mut end = 0;
        for token in solid {
            push_blank(&mut tokens, end, token.span.start);
            end = token.span.end;
            tokens.push(token);
        }
        push_blank(&mut tokens, end, self.text.len() as u32);
        tokens
    }

    /// The text again, put together from the tokens.
    pub fn print(&self) -> Vec<u8> {
        self.tokens().iter().flat_map(|token| self.slice(token.span)).copied().collect()
    }

    fn solid_tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::with_capacity(self.words.len() + 2 * self.directives.len());
        let mut push = |kind, span| tokens.push(Token { kind, span });
        for word in &self.words {
            push(TokenKind::Word, word.span);
        }
        for &span in &self.comments {
            push(TokenKind::Comment, span);
        }
        for &span in &self.skipped {
            push(TokenKind::Skipped, span);
        }
        for directive in self.directives() {
            if let Some(terminator) = directive.terminator() {
                let kind = match directive.is_block() {
                    true => TokenKind::OpenBrace,
                    false => TokenKind::Semicolon,
                };
                push(kind, terminator);
            }
            if let (crate::BodyKind::Raw, Some(body)) = (directive.body(), directive.body_span())
                && !body.is_empty()
            {
                push(TokenKind::RawBody, body);
            }
            if let Some(close) = directive.close() {
                push(TokenKind::CloseBrace, close);
            }
        }
        tokens
    }

    /// Whether every blank token is white space and nothing else: what the parser promises.
    #[doc(hidden)]
    pub fn blanks_are_blank(&self) -> bool {
        self.tokens()
            .iter()
            .filter(|token| token.kind == TokenKind::Blank)
            .all(|token| self.slice(token.span).iter().all(|&byte| lex::is_blank(byte)))
    }
}

fn push_blank(tokens: &mut Vec<Token>, start: u32, end: u32) {
    debug_assert!(start <= end, "tokens overlap before byte {start}");
    if start < end {
        tokens.push(Token { kind: TokenKind::Blank, span: Span::new(start, end) });
    }
}
