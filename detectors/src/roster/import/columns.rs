//! The headings that exports use, letters and digits only.

pub(super) const UPN: &[&str] = &["upn", "uniquepupilnumber", "pupilupn", "upnnumber"];
pub(super) const ADMISSION: &[&str] = &[
    "admissionnumber",
    "admissionsnumber",
    "admissionno",
    "admno",
    "adno",
    "pupilid",
    "studentid",
    "pan",
    "regnumber",
    "misid",
    "sourcedid",
    "sisid",
];
pub(super) const SURNAME: &[&str] = &[
    "legalsurname",
    "legallastname",
    "surname",
    "lastname",
    "familyname",
    "pupilsurname",
    "studentsurname",
    "pupillastname",
];
pub(super) const FORENAME: &[&str] = &[
    "legalforename",
    "legalfirstname",
    "forename",
    "firstname",
    "givenname",
    "pupilforename",
    "studentforename",
    "pupilfirstname",
];
pub(super) const FULL_NAME: &[&str] = &[
    "name",
    "fullname",
    "pupilname",
    "studentname",
    "pupil",
    "student",
    "legalname",
    "staffname",
];
pub(super) const PREFERRED_FORENAME: &[&str] = &[
    "preferredforename",
    "preferredfirstname",
    "preferredgivenname",
    "chosenforename",
    "chosenname",
    "knownas",
    "preferredname",
];
pub(super) const PREFERRED_SURNAME: &[&str] = &[
    "preferredsurname",
    "preferredlastname",
    "preferredfamilyname",
    "chosensurname",
];
pub(super) const DOB: &[&str] = &["dob", "dateofbirth", "birthdate", "pupildob", "born"];
pub(super) const YEAR: &[&str] = &[
    "yeargroup",
    "ncyear",
    "yearcode",
    "ncyearactual",
    "yeartaughtin",
    "year",
    "grade",
    "grades",
    "yr",
];
pub(super) const CLASS: &[&str] = &[
    "class",
    "classname",
    "reggroup",
    "registrationgroup",
    "tutorgroup",
    "formtutorgroup",
    "form",
    "registration",
    "reg",
    "formgroup",
];
pub(super) const ADDRESS: &[&str] = &[
    "address",
    "homeaddress",
    "fulladdress",
    "addressline1",
    "address1",
];
pub(super) const POSTCODE: &[&str] = &["postcode", "homepostcode", "postalcode"];
pub(super) const PUPIL_EMAIL: &[&str] = &[
    "schoolemailaddress",
    "schoolemail",
    "studentemail",
    "pupilemail",
    "workemailaddress",
];
pub(super) const SEN: &[&str] = &[
    "senstatus",
    "sen",
    "senprovisions",
    "senprovision",
    "senstage",
    "send",
];
pub(super) const FSM: &[&str] = &[
    "fsm",
    "freeschoolmeals",
    "freeschoolmealeligibility",
    "freeschoolmealstatus",
    "freeschoolmealeligibilitystatus",
];
pub(super) const LAC: &[&str] = &[
    "lac",
    "lookedafter",
    "incare",
    "cla",
    "cic",
    "lookedafterchild",
];

pub(super) const CONTACT_NAME: &[&str] = &[
    "contactname",
    "parentname",
    "contactfullname",
    "guardianname",
];
pub(super) const CONTACT_FORENAME: &[&str] = &[
    "contactforename",
    "contactfirstname",
    "parentforename",
    "parentfirstname",
];
pub(super) const CONTACT_SURNAME: &[&str] = &[
    "contactsurname",
    "contactlastname",
    "parentsurname",
    "parentlastname",
];
pub(super) const TITLE: &[&str] = &["title", "contacttitle", "salutation"];
pub(super) const RELATIONSHIP: &[&str] = &[
    "relationship",
    "relationshiptopupil",
    "contacttype",
    "relation",
    "contactrelationship",
];
pub(super) const RESPONSIBILITY: &[&str] = &[
    "parentalresponsibility",
    "pr",
    "parentalresp",
    "responsible",
    "responsibility",
    "hasparentalresponsibility",
];
pub(super) const CONTACT_EMAIL: &[&str] = &[
    "contactsemailaddress",
    "contactemailaddress",
    "contactemail",
    "contacthomeemail",
    "homeemail",
    "primaryemail",
    "parentemail",
];
pub(super) const PHONE: &[&str] = &[
    "mobilenumber",
    "mobile",
    "contactmobile",
    "maintelephone",
    "telephone",
    "phone",
    "phonenumber",
    "contactphone",
    "contacttelephone",
    "hometelephone",
    "sms",
];
pub(super) const COURT: &[&str] = &[
    "courtorder",
    "courtorders",
    "legalrestriction",
    "legalrestrictions",
    "nocontact",
    "donotcontact",
    "barred",
    "courtflag",
    "restriction",
];

/// Headings of a file that holds nothing but contacts or staff, where they are clear.
pub(super) const EMAIL: &[&str] = &[
    "email",
    "emailaddress",
    "mail",
    "workemail",
    "schoolemail",
    "primaryemail",
];
pub(super) const ROLE: &[&str] = &["role", "jobtitle", "post", "position", "job", "roles"];
pub(super) const PERSONAL_EMAIL: &[&str] = &[
    "personalemail",
    "privateemail",
    "homeemail",
    "personalemailaddress",
];
pub(super) const PERSONAL_PHONE: &[&str] = &[
    "personalphone",
    "privatephone",
    "personalmobile",
    "homephone",
    "mobile",
    "mobilenumber",
    "personaltelephone",
];
pub(super) const DOMAIN: &[&str] = &["domain", "emaildomain", "maildomain", "domains"];
pub(super) const KIND: &[&str] = &["kind", "type", "agencytype", "category"];
