//! Rules about Rust that need its grammar: sizes without tests, unfinished work, silenced lints. Types are not known.

use syn::{
    Attribute, Block, File, ImplItemFn, ItemFn, ItemMod, Macro, Meta, Signature, TraitItemFn,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::{Finding, text::FILE_LINES};

/// Lines of a function, from its signature to its closing brace.
const FUNCTION_LINES: usize = 70;

/// Macros that stand for work not done.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Checks one file.
pub(super) fn check(path: &str, content: &str) -> Vec<Finding> {
    let mut walker = Walker { path, in_tests: is_test_file(path), test_lines: 0, findings: Vec::new() };
    let file: File = match syn::parse_file(content) {
        Ok(file) => file,
        Err(error) => {
            let line = error.span().start().line;
            walker.find(path.to_owned(), line, "syntax", None, format!("this is no Rust: {error}"));
            return walker.findings;
        }
    };
    walker.visit_file(&file);
    let lines = content.lines().count() - walker.test_lines;
    if lines > FILE_LINES && !walker.in_tests {
        let sentence = format!("{lines} lines without tests, more than {FILE_LINES}");
        walker.find(path.to_owned(), 1, "file-lines", Some(lines), sentence);
    }
    walker.findings
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

struct Walker<'p> {
    path: &'p str,
    in_tests: bool,
    test_lines: usize,
    findings: Vec<Finding>,
}

impl Walker<'_> {
    fn find(&mut self, place: String, line: usize, rule: &'static str, measure: Option<usize>, sentence: String) {
        self.findings.push(Finding { place, line, rule, measure, sentence });
    }

    fn function(&mut self, signature: &Signature, block: &Block) {
        let line = signature.span().start().line;
        let lines = block.span().end().line - line + 1;
        if lines > FUNCTION_LINES && !self.in_tests {
            let place = format!("{}:{}", self.path, signature.ident);
            let sentence = format!("`{}` has {lines} lines, more than {FUNCTION_LINES}", signature.ident);
            self.find(place, line, "function-lines", Some(lines), sentence);
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        Meta::NameValue(_) => false,
    })
}

impl<'ast> Visit<'ast> for Walker<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let outer = self.in_tests;
        if is_for_tests(&module.attrs) && !outer {
            self.in_tests = true;
            self.test_lines += module.span().end().line - module.span().start().line + 1;
        }
        visit::visit_item_mod(self, module);
        self.in_tests = outer;
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if !is_for_tests(&function.attrs) {
            self.function(&function.sig, &function.block);
        }
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.function(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.function(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if let Some(name) = call.path.segments.last().map(|segment| segment.ident.to_string())
            && UNFINISHED.contains(&name.as_str())
        {
            let line = call.span().start().line;
            self.find(self.path.to_owned(), line, "unfinished", None, format!("`{name}!` stands for unfinished work"));
        }
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            let silences = list.path.is_ident("allow") || list.path.is_ident("expect");
            if silences && !list.tokens.to_string().contains("reason =") {
                let line = attribute.span().start().line;
                let sentence = "a silenced lint needs `reason = \"...\"`".to_owned();
                self.find(self.path.to_owned(), line, "silenced", None, sentence);
            }
        }
        visit::visit_attribute(self, attribute);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(content: &str) -> Vec<(&'static str, usize)> {
        check("a.rs", content).iter().map(|finding| (finding.rule, finding.line)).collect()
    }

    #[test]
    fn functions_are_short() {
        let long = |name: &str| format!("fn {name}() {{\n{}}}\n", "    f();\n".repeat(FUNCTION_LINES - 1));
        assert_eq!(rules(&long("a")), [("function-lines", 1)]);
        assert_eq!(rules(&format!("impl A {{\n{}}}", long("a"))), [("function-lines", 2)]);
        assert!(rules(&format!("#[cfg(test)]\nmod tests {{\n{}}}", long("a"))).is_empty());
        assert!(rules("fn a() {}\n").is_empty());
    }

    #[test]
    fn files_are_short_without_their_tests() {
        let code = "const A: u8 = 0;\n".repeat(FILE_LINES);
        assert!(rules(&code).is_empty());
        assert_eq!(rules(&format!("{code}const B: u8 = 0;\n")), [("file-lines", 1)]);
        assert!(rules(&format!("{code}#[cfg(test)]\nmod tests {{\n\n\n}}\n")).is_empty());
    }

    #[test]
    fn work_is_finished() {
        assert_eq!(rules("fn a() {\n    todo!()\n}\n"), [("unfinished", 2)]);
        assert_eq!(rules("fn a() {\n    std::dbg!(1);\n}\n"), [("unfinished", 2)]);
    }

    #[test]
    fn silence_has_a_reason() {
        assert_eq!(rules("#[allow(dead_code)]\nfn a() {}\n"), [("silenced", 1)]);
        assert!(rules("#[allow(dead_code, reason = \"the linker calls it\")]\nfn a() {}\n").is_empty());
    }

    #[test]
    fn what_is_no_rust_is_told() {
        assert_eq!(rules("fn a( {\n"), [("syntax", 1)]);
    }
}
