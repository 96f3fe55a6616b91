#include "agent/qr/decoder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>

#include "agent/base/failure.h"
#include "tests/unit/qr/drawing.h"

namespace totpilot::qr {
namespace {

const std::string kUri =
    "otpauth://totp/Example:alice@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example";

std::vector<std::string> decode(std::string picture, Deadline::Clock::duration time = std::chrono::seconds(30)) {
  boost::asio::io_context context;
  const Decoder decoder;
  const auto found = run_to_end(context, decoder.decode(Secret(std::move(picture)), Deadline::after(time)));
  std::vector<std::string> texts;
  for (const Secret& text : found) texts.emplace_back(text.reveal());
  return texts;
}

/// The outcome's name and the message of the failure that decoding ends in.
std::string failure_of(std::string picture, Deadline::Clock::duration time = std::chrono::seconds(30)) {
  try {
    decode(std::move(picture), time);
    return "no failure";
  } catch (const Failure& failure) {
    return std::string(outcome_name(failure.code())) + ": " + failure.message();
  }
}

const std::vector<std::string> kFound = {kUri};

TEST(QrDecoder, ReadsAPlainPngPicture) { EXPECT_EQ(decode(draw({.text = kUri}).png()), kFound); }

TEST(QrDecoder, ReadsAJpegPictureOfPoorQuality) { EXPECT_EQ(decode(draw({.text = kUri}).jpeg(30)), kFound); }

TEST(QrDecoder, ReadsACodeWithoutAQuietZone) {
  for (const int module : {1, 2, 3, 4, 8}) {
    EXPECT_EQ(decode(draw({.text = kUri, .module = module, .quiet_zone = 0}).png()), kFound) << module;
  }
}

TEST(QrDecoder, ReadsLightOnDark) {
  EXPECT_EQ(decode(draw({.text = kUri, .dark = kWhite, .light = kBlack}).png()), kFound);
  EXPECT_EQ(decode(draw({.text = kUri, .quiet_zone = 0, .dark = kWhite, .light = kBlack}).png()), kFound);
}

TEST(QrDecoder, ReadsDarkModulesOnATransparentGround) {
  EXPECT_EQ(decode(draw({.text = kUri, .light = {0, 0, 0, 0}}).png()), kFound);
}

TEST(QrDecoder, ReadsLightModulesOnATransparentGround) {
  EXPECT_EQ(decode(draw({.text = kUri, .dark = kWhite, .light = {255, 255, 255, 0}}).png()), kFound);
}

TEST(QrDecoder, ReadsModulesOfOnePixel) { EXPECT_EQ(decode(draw({.text = kUri, .module = 1}).png()), kFound); }

TEST(QrDecoder, ReadsTheColoursOfADarkMode) {
  EXPECT_EQ(decode(draw({.text = kUri, .dark = {205, 214, 244}, .light = {30, 30, 46}}).png()), kFound);
  EXPECT_EQ(decode(draw({.text = kUri, .dark = {30, 30, 46}, .light = {88, 91, 112}}).png()), kFound);
}

TEST(QrDecoder, ReadsACodeWithALogoInItsMiddle) {
  Canvas canvas = draw({.text = kUri, .correction = Correction::kHigh});
  const int logo = canvas.width / 5;
  canvas.fill((canvas.width - logo) / 2, (canvas.height - logo) / 2, logo, logo, {220, 40, 60});
  EXPECT_EQ(decode(canvas.png()), kFound);
}

TEST(QrDecoder, ReadsAWhiteCardOnADarkPage) {
  Canvas page(900, 600, {17, 17, 27});
  page.paste(draw({.text = kUri, .module = 4, .quiet_zone = 2}), 80, 120);
  EXPECT_EQ(decode(page.png()), kFound);
}

TEST(QrDecoder, ReadsASmallCodeInTheCornerOfALargeScreenshot) {
  Canvas screen(3840, 2160, {240, 240, 240});
  screen.paste(draw({.text = kUri, .module = 2, .quiet_zone = 3}), 3600, 1900);
  EXPECT_EQ(decode(screen.png()), kFound);
}

TEST(QrDecoder, GivesBothTextsOfAPictureWithTwoCodes) {
  Canvas canvas(900, 450, kWhite);
  canvas.paste(draw({.text = kUri, .module = 5}), 10, 10);
  canvas.paste(draw({.text = "https://example.com/app", .module = 5}), 460, 10);
  EXPECT_EQ(decode(canvas.png()).size(), 2U);
}

TEST(QrDecoder, RefusesTwoDifferentOtpauthUris) {
  Canvas canvas(900, 450, kWhite);
  canvas.paste(draw({.text = kUri, .module = 5}), 10, 10);
  canvas.paste(draw({.text = "otpauth://totp/Other:bob?secret=KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU", .module = 5}), 460,
               10);
  EXPECT_EQ(failure_of(canvas.png()),
            "invalid_input: the picture shows two different otpauth URIs; cut it to one QR code");
}

TEST(QrDecoder, TakesTheSameUriShownTwiceAsOne) {
  Canvas canvas(900, 450, kWhite);
  canvas.paste(draw({.text = kUri, .module = 5}), 10, 10);
  canvas.paste(draw({.text = kUri, .module = 4}), 460, 10);
  EXPECT_EQ(decode(canvas.png()), kFound);
}

TEST(QrDecoder, FindsNothingInAPictureWithoutACode) {
  EXPECT_TRUE(decode(Canvas(300, 200, {90, 120, 200}).png()).empty());
}

TEST(QrDecoder, TellsAPersonThatThereIsNoCodeInThePicture) {
  boost::asio::io_context context;
  const Decoder decoder;
  try {
    run_to_end(context,
               decoder.decode_one(Secret(Canvas(64, 64, kWhite).png()), Deadline::after(std::chrono::seconds(30))));
    FAIL() << "it found one";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Outcome::kInvalidInput);
    EXPECT_EQ(failure.message(), "no QR code in the picture");
  }
}

TEST(QrDecoder, RefusesACodeThatHoldsNoText) {
  EXPECT_EQ(failure_of(draw({.text = "\xFF\xFE\x80 not UTF-8"}).png()), "invalid_input: the QR code holds no text");
}

TEST(QrDecoder, RefusesWhatIsNoPicture) {
  EXPECT_EQ(failure_of("hello"), "invalid_input: this is no PNG or JPEG picture");
  EXPECT_EQ(failure_of(""), "invalid_input: this is no PNG or JPEG picture");
}

TEST(QrDecoder, RefusesAPictureCutOffOrDamaged) {
  const std::string whole = draw({.text = kUri}).png();
  EXPECT_EQ(failure_of(whole.substr(0, 20)), "invalid_input: the PNG picture is cut off");
  EXPECT_EQ(failure_of(whole.substr(0, whole.size() / 2)), "invalid_input: the PNG picture is damaged");
  std::string damaged = whole;
  damaged[60] = static_cast<char>(damaged[60] ^ 0x55);
  EXPECT_EQ(failure_of(damaged), "invalid_input: the PNG picture is damaged");
}

TEST(QrDecoder, RefusesAHugePictureByItsHeader) {
  std::string claims = draw({.text = kUri}).png();
  claims.replace(16, 8, std::string("\x00\x00\x75\x30\x00\x00\x75\x30", 8));  // 30000 x 30000
  EXPECT_EQ(failure_of(claims), "invalid_input: the picture is too large (30000x30000 pixels); cut it to the QR code");
}

TEST(QrDecoder, RefusesMoreThanSixteenMegabytes) {
  EXPECT_EQ(failure_of(std::string((16U << 20U) + 1, 'x')), "invalid_input: the picture is larger than 16 MiB");
}

TEST(QrDecoder, EndsAPictureThatHangsTheDecoderWithinTheLimit) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of(finder_patterns(400).png()), "timed_out: the picture took the QR decoder longer than it may");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, Decoder::kLongest + std::chrono::seconds(2));
}

TEST(QrDecoder, EndsItAtAShorterDeadlineToo) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of(finder_patterns(400).png(), std::chrono::milliseconds(200)),
            "timed_out: the picture took the QR decoder longer than it may");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, Decoder::kLongest);
}

TEST(QrDecoder, LeavesNoProcessBehind) {
  failure_of(finder_patterns(400).png(), std::chrono::milliseconds(100));
  decode(draw({.text = kUri}).png());
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);  // no child at all
}

TEST(QrDecoder, IsEndedByACancellation) {
  boost::asio::io_context context;
  const Decoder decoder;
  boost::asio::cancellation_signal cancel;
  std::exception_ptr error;
  boost::asio::co_spawn(context,
                        decoder.decode(Secret(finder_patterns(400).png()), Deadline::after(std::chrono::seconds(30))),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr e, const std::vector<Secret>&) { error = e; }));
  boost::asio::post(context, [&] { cancel.emit(boost::asio::cancellation_type::terminal); });

  context.run();

  EXPECT_TRUE(error != nullptr);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(QrDecoder, SaysWhichProgramIsMissing) {
  boost::asio::io_context context;
  const Decoder decoder("/nowhere/totpilot-qr");
  EXPECT_THROW(run_to_end(context, decoder.decode(Secret(draw({.text = kUri}).png()),
                                                  Deadline::after(std::chrono::seconds(30)))),
               Failure);
}

}  // namespace
}  // namespace totpilot::qr
