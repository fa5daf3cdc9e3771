#include "apps/server/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace shortlist::server {
namespace {

constexpr std::size_t kShortestToken = 16;
constexpr std::size_t kLongestToken = 1024;

std::string trimmed(const std::string& text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Result<std::string> checked(std::string token, const std::string& origin) {
    const bool printable = std::all_of(token.begin(), token.end(), [](char letter) { return letter > ' ' && letter < '\x7f'; });
    if (token.size() >= kShortestToken && token.size() <= kLongestToken && printable) return token;
    return base::invalid_argument("serve.token_file: " + origin + " must hold a token of 16 to 1024 printable ASCII characters without spaces");
}

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

Digest digest_of(std::string_view text) {
    Digest digest{};
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    return digest;
}

}  // namespace

Result<std::string> load_token(const std::string& token_file, const base::Environment& environment) {
    if (token_file.empty()) return std::string();
    if (token_file.starts_with("${") && token_file.ends_with("}")) {
        const auto name = token_file.substr(2, token_file.size() - 3);
        return checked(trimmed(environment(name).value_or("")), "the environment variable " + name);
    }
    std::ifstream file(token_file, std::ios::binary);
    if (!file) return base::invalid_argument("serve.token_file: cannot read " + token_file);
    // One byte more than the longest token with a line end is enough to see that a file is too long.
    std::string text(kLongestToken + 3, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return checked(trimmed(text), token_file);
}

bool is_authorized(std::string_view given, std::string_view token) {
    constexpr std::string_view kScheme = "Bearer ";
    const bool scheme = given.starts_with(kScheme);
    // Digests have one length, so that not even the token's length shows in the time taken.
    const auto wanted = digest_of(token);
    const auto found = digest_of(scheme ? given.substr(kScheme.size()) : given);
    return CRYPTO_memcmp(wanted.data(), found.data(), wanted.size()) == 0 && scheme;
}

}  // namespace shortlist::server
