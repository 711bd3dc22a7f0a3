use flowgate::lint::*; use flowgate::rule::*; use flowgate::finding::Severity;
fn main(){ let args:Vec<String>=std::env::args().skip(1).collect(); let set=RuleSet::builtin(); 
 let sel = match set { Ok(s)=>s.select(Profile::Audit,|_|true), Err(e)=>{eprintln!("{e}"); Selected::new([])} };
 let o=Options{rules:&sel,policy:None,min_severity:Severity::Info,exclude:None,progress:None};
 let inp:Vec<Input>=args[1..].iter().map(|a|Input::Path(a.into())).collect();
 if args[0]=="show" { for s in show(&inp,&o).unwrap(){ println!("# {}\n{}{}",s.file,s.yaml.unwrap_or_default(),s.reason);} return }
 let r=lint(&inp,&o).unwrap();
 let mut opt=flowgate::report::Options::default(); opt.verbose=args[0]=="verbose"; opt.quiet=args[0]=="quiet";
 let f=flowgate::report::format(if args[0]=="json"{"json"}else{"text"}).unwrap();
 (f.write)(&r,&opt,&mut std::io::stdout().lock()).unwrap();
}
