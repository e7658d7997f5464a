//! The public API of this crate is the recorded one, so that every change of it is seen in a review.
//!
//! The sources are read instead of rustdoc's output, which only a nightly compiler provides. The lint
//! `unreachable_pub` guarantees that every `pub` item in them can be reached from outside.
//! `INSTA_UPDATE=always` records a change.
#![cfg(not(windows))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod line;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use line::{attributes, is_for_tests, is_public, line};
use quote::ToTokens;
use syn::{Fields, ImplItem, Item, ItemEnum, ItemImpl, ItemMod, ItemStruct};

#[test]
fn the_public_api_is_as_recorded() {
    let mut api = Api::default();
    api.file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"), "");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(".");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("public-api", api.text()));
}

/// What the sources make public.
#[derive(Default)]
struct Api {
    lines: BTreeSet<String>,
    /// The public types, which have the public impls.
    types: BTreeSet<String>,
    /// Every impl, with the type that it is for.
    impls: Vec<(String, String)>,
    /// The traits of this crate that are not public.
    private_traits: BTreeSet<String>,
    /// Every impl of a trait, with the trait and the type that it is for.
    traits: Vec<(String, String, String)>,
}

impl Api {
    fn text(&self) -> String {
        let own = self.impls.iter().filter(|(name, _)| self.types.contains(name)).map(|(_, line)| line);
        let is_seen = |name: &str, of: &str| self.types.contains(of) && !self.private_traits.contains(name);
        let traits = self.traits.iter().filter(|(name, of, _)| is_seen(name, of)).map(|(.., line)| line);
        let lines = self.lines.iter().chain(own).chain(traits);
        lines.collect::<BTreeSet<_>>().into_iter().map(|line| line.clone() + "\n").collect()
    }

    /// Reads a file; `path` is that of its public modules.
    fn file(&mut self, file: &Path, path: &str) {
        let source = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap();
        let folder = match file.file_name().and_then(|name| name.to_str()) {
            Some("lib.rs" | "mod.rs") => file.parent().unwrap().to_owned(),
            _ => file.with_extension(""),
        };
        source.items.iter().for_each(|item| self.item(item, &folder, path));
    }

    fn item(&mut self, item: &Item, folder: &Path, path: &str) {
        match item {
            Item::Mod(module) => self.module(module, folder, path),
            Item::Impl(block) => self.block(block, path),
            Item::Macro(made) => {
                let exported = made.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export"));
                if let Some(name) = made.ident.as_ref().filter(|_| exported) {
                    self.lines.insert(format!("macro {name}!"));
                }
            }
            Item::Enum(item) if is_public(&item.vis) => self.choice(item, path),
            Item::Struct(item) if is_public(&item.vis) => self.structure(item, path),
            // A public one that only this crate can implement is in a module `sealed`.
            Item::Trait(item) if is_public(&item.vis) && !path.ends_with("sealed::") => {
                let (name, generics, parents) = (&item.ident, &item.generics, &item.supertraits);
                let header = quote::quote!(trait #name #generics: #parents);
                self.add(path, &line(&header), &attributes(&item.attrs));
                for item in &item.items {
                    let syn::TraitItem::Fn(method) = item else { continue };
                    self.add(path, &format!("trait {name}: {}", line(&method.sig)), "");
                }
            }
            Item::Trait(item) => drop(self.private_traits.insert(item.ident.to_string())),
            Item::Fn(item) if is_public(&item.vis) => {
                self.add(path, &line(&item.sig), &attributes(&item.attrs));
            }
            Item::Const(item) if is_public(&item.vis) => {
                self.add(path, &format!("const {}: {}", item.ident, line(&item.ty)), "");
            }
            Item::Type(item) if is_public(&item.vis) => {
                self.add(path, &format!("type {} = {}", item.ident, line(&item.ty)), "");
            }
            Item::Use(item) if is_public(&item.vis) => {
                let tree = line(&item.tree);
                // A module's own items are listed where they are.
                if ["oncue_wire", "oncue_types"].iter().any(|other| tree.starts_with(other)) {
                    self.add(path, &format!("use {tree}"), "");
                }
            }
            _ => {}
        }
    }

    fn module(&mut self, module: &ItemMod, folder: &Path, path: &str) {
        let name = module.ident.to_string();
        if is_for_tests(&module.attrs) || name == "windows" {
            return;
        }
        let is_open = is_public(&module.vis) || name == "sealed";
        let inner = if is_open { format!("{path}{name}::") } else { path.to_owned() };
        if let Some((_, items)) = &module.content {
            items.iter().for_each(|item| self.item(item, &folder.join(&name), &inner));
            return;
        }
        let files = [folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs")];
        let file: Option<&PathBuf> = files.iter().find(|file| file.is_file());
        self.file(file.unwrap(), &inner);
    }

    fn structure(&mut self, item: &ItemStruct, path: &str) {
        let (name, generics) = (&item.ident, &item.generics);
        self.types.insert(name.to_string());
        self.add(path, &line(&quote::quote!(struct #name #generics)), &attributes(&item.attrs));
        for field in item.fields.iter().filter(|field| is_public(&field.vis)) {
            let field_name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            self.add(path, &format!("{name}.{field_name}: {}", line(&field.ty)), "");
        }
    }

    fn choice(&mut self, item: &ItemEnum, path: &str) {
        let name = &item.ident;
        self.types.insert(name.to_string());
        self.add(path, &format!("enum {name}"), &attributes(&item.attrs));
        for variant in &item.variants {
            let fields = match &variant.fields {
                Fields::Unit => String::new(),
                fields => line(&fields.to_token_stream()),
            };
            let number = variant.discriminant.as_ref().map(|(_, number)| format!(" = {}", line(number)));
            let number = number.unwrap_or_default();
            self.add(path, &format!("{name}::{}{fields}{number}", variant.ident), "");
        }
    }

    fn block(&mut self, block: &ItemImpl, path: &str) {
        if is_for_tests(&block.attrs) {
            return;
        }
        let shown = line(&block.self_ty);
        let name = shown.split('<').next().unwrap_or(&shown).to_owned();
        if let Some((implemented, _)) = &block.trait_ {
            let text = implemented.segments.last().unwrap().ident.to_string();
            self.traits.push((text, name, format!("{path}impl {} for {shown}", line(implemented))));
            return;
        }
        for item in &block.items {
            match item {
                ImplItem::Fn(method) if is_public(&method.vis) => {
                    self.impls.push((name.clone(), format!("{path}{shown}: {}", line(&method.sig))));
                }
                ImplItem::Const(constant) if is_public(&constant.vis) => {
                    let text = format!("const {}: {}", constant.ident, line(&constant.ty));
                    self.impls.push((name.clone(), format!("{path}{shown}: {text}")));
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, path: &str, text: &str, attributes: &str) {
        self.lines.insert(format!("{path}{text}{attributes}"));
    }
}
