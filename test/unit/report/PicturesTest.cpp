//===- PicturesTest.cpp - Tests of plots, pictures and colours ------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/FigureFile.h"
#include "report/Palette.h"
#include "report/Plot.h"
#include "report/Svg.h"
#include "report/figures/Figures.h"
#include "test/unit/runtime/Support.h"

#include <gtest/gtest.h>

#include <set>

using namespace dale::report;

TEST(Plot, TextsOfFilesAreQuoted) {
  EXPECT_EQ(quoted("it's `rm`\n$x"), "'it''s `rm` $x'");
  Plot plot(100, 50);
  plot.title("'; system('rm')");
  EXPECT_NE(plot.script().find("set title '''; system(''rm'')'"),
            std::string::npos);
}

TEST(Plot, DataGoIntoBlocks) {
  Plot plot(100, 50);
  EXPECT_TRUE(plot.isEmpty());
  std::string name = plot.data({{1, 0.5}, {2, none}});
  plot.draw(name + " using 1:2 with lines", "a");
  EXPECT_FALSE(plot.isEmpty());
  std::string script = plot.script();
  EXPECT_NE(script.find("$data1 << END_OF_DATA\n1 0.5\n2 NaN\nEND_OF_DATA\n"),
            std::string::npos);
  EXPECT_TRUE(script.ends_with("plot $data1 using 1:2 with lines title 'a'\n"));
}

TEST(Plot, NiceAxesHoldWhatIsDrawn) {
  Plot plot(100, 50);
  plot.yNice(0.13, 0.87);
  EXPECT_NE(plot.script().find("set yrange [0:1]\nset ytics 0.2"),
            std::string::npos);
  Plot flat(100, 50);
  flat.yNice(3, 3);
  EXPECT_EQ(flat.script().find("nan"), std::string::npos);
  // gnuplot refuses a range without extent.
  Plot almost(100, 50);
  almost.yNice(7.5509568, 7.550956800000001);
  EXPECT_NE(almost.script().find("set yrange [6.5:8.5]"), std::string::npos)
      << almost.script();
}

static const char *const drawn = R"(<?xml version="1.0"?>
<svg viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg">
<title>Gnuplot</title>
<desc>Produced by GNUPLOT 5.4 </desc>
<g id="gnuplot_canvas">
<defs>
  <circle id='gpPt5' r='1'/>
  <use xlink:href='#gpPt5' id='gpPt6' fill='currentColor'/>
  <path id='gpPt7' d='M0,0'/>
  <filter id='textbox'><feFlood/></filter>
</defs>
<g fill="none" color="red"><g>
</g></g>
<g id="gnuplot_plot_1" ><title>gnuplot_plot_1</title>
<use xlink:href='#gpPt6' color='red'/>
<text>a &lt; b</text>
</g></g></svg>
)";

TEST(Svg, OfGnuplotStandsBesideOthers) {
  std::string svg = tidySvg(drawn, "weights-3", "a \"b\" <c>", 9, 9);
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_NE(svg.find("aria-label=\"a &quot;b&quot; &lt;c&gt;\""),
            std::string::npos);
  EXPECT_NE(svg.find("<text>a &lt; b</text>"), std::string::npos);
  // The symbol that is used, and the one that it uses; nothing else.
  EXPECT_NE(svg.find("id='weights-3-gpPt5'"), std::string::npos);
  EXPECT_NE(svg.find("href='#weights-3-gpPt5' id='weights-3-gpPt6'"),
            std::string::npos);
  for (const char *gone :
       {"gpPt7", "filter", "Gnuplot", "GNUPLOT", "color=\"red\"", "<title"})
    EXPECT_EQ(svg.find(gone), std::string::npos) << gone;
}

TEST(Svg, TextsAreEscaped) {
  EXPECT_EQ(escaped("<a href='x'>&\"\x01"),
            "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
}

TEST(Svg, PanelsFormRows) {
  Group group{"Heading <1>", {}, {}};
  for (int i = 0; i < 3; ++i)
    group.panels.push_back({"", Plot(450, 100 + i), "<svg id=\"x\"></svg>"});
  std::string svg = layOut({&group});
  EXPECT_NE(svg.find("Heading &lt;1&gt;"), std::string::npos);
  EXPECT_NE(svg.find("<svg x=\"0\" y=\"26\" id"), std::string::npos);
  EXPECT_NE(svg.find("<svg x=\"462\" y=\"26\" id"), std::string::npos);
  EXPECT_NE(svg.find("<svg x=\"0\" y=\"139\" id"), std::string::npos);
}

TEST(FigureFile, HeadingsHaveFilesOfTheirOwn) {
  Figure figure;
  figure.name = "f";
  figure.separateGroups = true;
  for (const char *heading : {"a b", "a-b", "a (b)", "c"})
    figure.groups.push_back(
        {heading, {{"", Plot(10, 10), "<svg id=\"x\"></svg>"}}, {}});
  dale::runtime::test::TemporaryFolder folder;
  EXPECT_EQ(writeFigureFiles({figure}, folder.path().string()), 5u);
  EXPECT_EQ(dale::runtime::test::listFolder(folder.path()),
            (std::vector<std::string>{"f-a-b-2.svg", "f-a-b-3.svg", "f-a-b.svg",
                                      "f-c.svg", "f.csv"}));
}

TEST(CaptionOfWeights, BinsAreAsWideAsTheAnalysesSay) {
  Runs runs;
  runs.runs.resize(3); // of which one has no analysis
  runs.runs[1].analyses[0].binWidth = 0.25;
  runs.runs[2].analyses[0].binWidth = 0.5;
  for (size_t i : {1, 2})
    runs.runs[i].analyses[0].threshold = 0.1;
  FigureOrReason drawn = drawWeights(Sources(runs));
  EXPECT_NE(drawn.figure.caption.find("bins of 0.25, 0.5;"), std::string::npos)
      << drawn.figure.caption;
}

TEST(Palette, PopulationsKeepTheirColours) {
  Palette palette({"PN", "Z", "IG", "A"});
  EXPECT_EQ(palette.of("PN"), "#0072B2");
  EXPECT_EQ(palette.of("PN"), palette.of("E"));
  std::set<std::string> colours;
  for (const char *name : {"PN", "IG", "OG", "I", "input", "A", "Z"})
    colours.insert(palette.of(name));
  EXPECT_EQ(colours.size(), 7u);
  // By name, not by order.
  EXPECT_EQ(palette.of("A"), Palette({"A", "Z"}).of("A"));
}

TEST(Palette, MapsHaveEnds) {
  EXPECT_EQ(sequentialColour(0), "#00224e");
  EXPECT_EQ(sequentialColour(1), "#fee838");
  EXPECT_EQ(sequentialColour(2), "#fee838");
  EXPECT_EQ(divergingColour(0), "#ffffff");
  EXPECT_EQ(divergingColour(-1), "#0072b2");
  EXPECT_EQ(divergingColour(1), "#d55e00");
  EXPECT_TRUE(isDark("#00224e"));
  EXPECT_FALSE(isDark("#fee838"));
  EXPECT_EQ(colourNumber("#010203"), 0x010203);
}
