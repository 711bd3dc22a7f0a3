//! SSH signatures (`ssh-keygen -Y sign -n flowgate`) over the digest of an app's content.

use super::people::{self, Identity};
use crate::policy::people::People;
use ssh_key::{Algorithm, PublicKey, SshSig};

/// What a signature must be made for, so that one made for something else cannot be used here.
pub const NAMESPACE: &str = "flowgate";

/// Largest signature file that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// Checks that `signature` was made over `digest` with a key that the policy gives to `signer` in that function.
///
/// # Errors
/// Why it does not hold, in a few words.
pub fn verify(signature: &[u8], digest: &str, signer: &Identity, function: &str, people: &People) -> Result<(), String> {
    if signature.len() > MAX_BYTES {
        return Err("the file is no SSH signature".into());
    }
    let signature = SshSig::from_pem(signature).map_err(|_| "the file is no SSH signature".to_owned())?;
    if signature.namespace() != NAMESPACE {
        return Err(format!("it was made for `{}`, not for `{NAMESPACE}`", super::short(signature.namespace())));
    }
    if matches!(signature.algorithm(), Algorithm::Rsa { .. } | Algorithm::Dsa) {
        return Err("keys of its kind are not read: sign with an Ed25519 or ECDSA P-256 key".into());
    }
    // A key belongs to whom the policy gives it: else one member could sign as another.
    let own = people.keys(function).filter(|key| people::is(people, &Identity::parse(&key.person), signer));
    let mut own = own.filter_map(|key| PublicKey::from_openssh(&key.text).ok()).peekable();
    if own.peek().is_none() {
        return Err(format!("the policy has no key of `{}`", super::short(&signer.shown)));
    }
    let Some(key) = own.find(|key| key.key_data() == signature.public_key()) else {
        return Err(format!("it was not made with the key of `{}`", super::short(&signer.shown)));
    };
    // People sign what a program printed: with its line end, or without.
    let signed = ["", "\n", "\r\n"].iter().any(|end| key.verify(NAMESPACE, format!("{digest}{end}").as_bytes(), &signature).is_ok());
    if signed { Ok(()) } else { Err("it was made over something else than this content".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made by `ssh-keygen -Y sign -n flowgate` with keys that were thrown away.
    const DIGEST: &str = "sha256:1f2e3d4c5b6a79880f1e2d3c4b5a69788f7e6d5c4b3a29180f1e2d3c4b5a6978";
    const ANA: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILBv23yBYkub2PMoHsGNFtDi7NY1bp22naufO4WvPj/x sec-ana";
    const BO: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPvda0NMdZhLm/e5s8xrkfK7K43O7JLbH7tVPab0KiKG1j/zf9/wid6TB/qBTGYI6QGVU2/0BsIjkT+uqNll2Rg= sec-bo";
    const OF_ANA: &str = "\
-----BEGIN SSH SIGNATURE-----\n\
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgsG/bfIFiS5vY8ygewY0W0OLs1j\n\
Vunbadq587ha8+P/EAAAAIZmxvd2dhdGUAAAAAAAAABnNoYTUxMgAAAFMAAAALc3NoLWVk\n\
MjU1MTkAAABAJ26EHzbbVz4JnzB68Vqo/sY2vazaB7j/xqfcjKvDW/GzyVrz2eMZg/fBHk\n\
7guINroQlfp3lMf3Or3yAyYhE/Ag==\n\
-----END SSH SIGNATURE-----";
    const OF_BO: &str = "\
-----BEGIN SSH SIGNATURE-----\n\
U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\n\
EE+91rQ0x1mEub97mzzGuR8rsrjc7sktsfu1U9pvQqIobWP/N/3/CJ3pMH+oFMZgjpAZVT\n\
b/QGwiORP66o2WXZGAAAAAhmbG93Z2F0ZQAAAAAAAAAGc2hhNTEyAAAAYwAAABNlY2RzYS\n\
1zaGEyLW5pc3RwMjU2AAAASAAAACAXlSs9cSKPjAoUp+pKukuRrJcYN6/alnvt7CR5blFL\n\
ZwAAACBGSfLiDlLstuTwjQljBunLYDElEL9w0WeX2eawu5EphA==\n\
-----END SSH SIGNATURE-----";
    const FOR_GIT: &str = "\
-----BEGIN SSH SIGNATURE-----\n\
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgsG/bfIFiS5vY8ygewY0W0OLs1j\n\
Vunbadq587ha8+P/EAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\n\
AAAAQMK6X6d3ssfXV2ImW9kLEGC72HkFOliUAhU32uyhUlR7jpHE4DvgsdsOknKiFisBNi\n\
mcZ6QW4CaiWLtaEVhQlgM=\n\
-----END SSH SIGNATURE-----";

    fn holds(signature: &str, digest: &str, by: &str) -> Result<(), String> {
        let keys = format!("['{ANA}', '{BO}']");
        let people = super::super::people::tests::people(&format!(
            "functions: {{ security: {{ members: [sec-ana, sec-bo, ivan, olga], keys: {keys} }} }}"
        ));
        verify(signature.as_bytes(), digest, &Identity::parse(by), "security", &people)
    }

    #[test]
    fn a_signature_holds_for_its_content_and_its_signer() {
        assert_eq!(holds(OF_ANA, DIGEST, "sec-ana"), Ok(()));
        assert_eq!(holds(OF_BO, DIGEST, "Sec-Bo"), Ok(()));
    }

    #[test]
    fn any_other_signature_is_refused_with_the_reason() {
        let other = DIGEST.replace('1', "2");
        let broken = OF_ANA.replace("IFiS5vY", "IFiS5vZ");
        for (signature, digest, by, why) in [
            (OF_ANA, &*other, "sec-ana", "something else than this content"),
            (OF_ANA, DIGEST, "sec-bo", "not made with the key of `sec-bo`"),
            (OF_ANA, DIGEST, "olga", "no key of `olga`"),
            (FOR_GIT, DIGEST, "sec-ana", "made for `git`"),
            (&*broken, DIGEST, "sec-ana", "not made with the key"),
            ("", DIGEST, "sec-ana", "no SSH signature"),
            (ANA, DIGEST, "sec-ana", "no SSH signature"),
        ] {
            let said = holds(signature, digest, by).expect_err("must not hold");
            assert!(said.contains(why), "{said}");
        }
        assert!(holds(&"-".repeat(MAX_BYTES + 1), DIGEST, "sec-ana").is_err());
    }
}
