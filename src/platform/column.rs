//! Columns: what their names say about what they hold.

use crate::model::vocabulary::Sensitivity;

/// Words that tell what a column holds, run together as names of columns are.
const TELLING: &[(&str, Sensitivity)] = &[
    ("passportnumber", Sensitivity::IdentityNumber),
    ("passportno", Sensitivity::IdentityNumber),
    ("socialsecurity", Sensitivity::IdentityNumber),
    ("nationalid", Sensitivity::IdentityNumber),
    ("nationalinsurance", Sensitivity::IdentityNumber),
    ("identitycardnumber", Sensitivity::IdentityNumber),
    ("driverslicensenumber", Sensitivity::IdentityNumber),
    ("driverlicensenumber", Sensitivity::IdentityNumber),
    ("taxpayerid", Sensitivity::IdentityNumber),
    ("taxidentification", Sensitivity::IdentityNumber),
    ("dateofbirth", Sensitivity::BirthDate),
    ("birthdate", Sensitivity::BirthDate),
    ("birthday", Sensitivity::BirthDate),
    ("ethnicity", Sensitivity::SpecialCategory),
    ("religion", Sensitivity::SpecialCategory),
    ("disability", Sensitivity::SpecialCategory),
    ("sexualorientation", Sensitivity::SpecialCategory),
    ("medicalcondition", Sensitivity::SpecialCategory),
    ("diagnosis", Sensitivity::SpecialCategory),
    ("bloodtype", Sensitivity::SpecialCategory),
    ("criminalrecord", Sensitivity::SpecialCategory),
    ("basesalary", Sensitivity::Salary),
    ("annualsalary", Sensitivity::Salary),
    ("monthlysalary", Sensitivity::Salary),
    ("currentsalary", Sensitivity::Salary),
    ("employeesalary", Sensitivity::Salary),
    ("bankaccountnumber", Sensitivity::Payment),
    ("accountnumberiban", Sensitivity::Payment),
    ("creditcardnumber", Sensitivity::Payment),
    ("cardnumber", Sensitivity::Payment),
];

/// Names that tell only when they are the whole of it.
const WHOLE: &[(&str, Sensitivity)] = &[
    ("ssn", Sensitivity::IdentityNumber),
    ("passport", Sensitivity::IdentityNumber),
    ("dob", Sensitivity::BirthDate),
    ("salary", Sensitivity::Salary),
    ("iban", Sensitivity::Payment),
];

/// What a column of that name holds about people; `own` is the name without what its publisher puts before and behind it.
pub(super) fn personal_column(own: &str) -> Option<Sensitivity> {
    let plain: String = own.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    // The least and most that is paid for a post is no person's salary.
    let range = ["maximum", "minimum", "max", "min"].iter().any(|end| plain.starts_with(end));
    let telling = TELLING.iter().find(|(word, _)| plain.contains(word)).map(|known| known.1);
    let whole = || WHOLE.iter().find(|(word, _)| plain == *word).map(|known| known.1);
    telling.or_else(whole).filter(|_| !range)
}
