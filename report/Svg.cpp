//===- Svg.cpp - Pictures in a page ---------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Svg.h"

#include <fmt/format.h>

#include <map>
#include <set>

using namespace dale::report;

std::string dale::report::escaped(std::string_view text) {
  std::string result;
  for (char letter : text) {
    switch (letter) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    case '\'':
      result += "&#39;";
      break;
    default:
      // XML has no control characters but these.
      if (static_cast<unsigned char>(letter) >= ' ' || letter == '\n' ||
          letter == '\t')
        result += letter;
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Tags and texts
//===----------------------------------------------------------------------===//

/// Tags, and the texts between them, one after the other.
static std::vector<std::string> split(std::string_view svg) {
  std::vector<std::string> parts;
  for (size_t place = 0; place < svg.size();) {
    size_t end = svg[place] == '<' ? svg.find('>', place) + 1
                                   : std::min(svg.find('<', place), svg.size());
    if (end == 0)
      end = svg.size();
    std::string part(svg.substr(place, end - place));
    if (part.find_first_not_of(" \t\r\n") != part.npos)
      parts.push_back(std::move(part));
    place = end;
  }
  return parts;
}

static bool isTag(const std::string &part, std::string_view name) {
  if (!part.starts_with("<") || !part.substr(1).starts_with(name))
    return false;
  size_t end = 1 + name.size();
  return end < part.size() &&
         std::string_view(" \t\r\n/>").find(part[end]) != part.npos;
}

/// The id that an attribute names: after "id='" or "href='#".
static std::string idAfter(const std::string &part, std::string_view begin) {
  size_t at = part.find(begin);
  if (at == part.npos)
    return "";
  at += begin.size();
  return part.substr(at, part.find('\'', at) - at);
}

static std::string usedBy(const std::string &part) {
  return isTag(part, "use") ? idAfter(part, "href='#") : "";
}

static void replaceAll(std::string &text, std::string_view what,
                       std::string_view by) {
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size())
    text.replace(at, what.size(), by);
}

//===----------------------------------------------------------------------===//
// Tidying
//===----------------------------------------------------------------------===//

namespace {
struct Parts {
  std::vector<std::string> symbols, body;
};
} // namespace

/// Sorts what is inside of <svg> into symbols and the rest; leaves out titles,
/// descriptions, and filters, which nothing uses.
static Parts sortParts(const std::vector<std::string> &parts) {
  Parts sorted;
  bool inside = false, inSymbols = false;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string &part = parts[i];
    if (isTag(part, "svg")) {
      inside = true;
    } else if (!inside || isTag(part, "/svg")) {
      continue;
    } else if (isTag(part, "title") || isTag(part, "desc")) {
      std::string end = "</" + part.substr(1);
      while (i + 1 < parts.size() && parts[i] != end)
        ++i;
    } else if (isTag(part, "filter")) {
      while (i + 1 < parts.size() && parts[i] != "</filter>")
        ++i;
    } else if (isTag(part, "defs") || isTag(part, "/defs")) {
      inSymbols = isTag(part, "defs");
    } else {
      (inSymbols ? sorted.symbols : sorted.body).push_back(part);
    }
  }
  return sorted;
}

static std::set<std::string> usedSymbols(const Parts &parts) {
  std::map<std::string, std::string> based;
  for (const std::string &symbol : parts.symbols)
    based[idAfter(symbol, "id='")] = usedBy(symbol);
  std::set<std::string> used;
  for (const std::string &part : parts.body)
    for (std::string id = usedBy(part); !id.empty(); id = based[id])
      if (!used.insert(id).second)
        break;
  return used;
}

/// Groups with nothing in them draw nothing.
static void dropEmptyGroups(std::vector<std::string> &parts) {
  std::vector<std::string> kept;
  for (std::string &part : parts) {
    if (part == "</g>" && !kept.empty() && isTag(kept.back(), "g"))
      kept.pop_back();
    else
      kept.push_back(std::move(part));
  }
  parts = std::move(kept);
}

std::string dale::report::tidySvg(std::string_view drawn,
                                  std::string_view prefix,
                                  std::string_view title, int width,
                                  int height) {
  Parts parts = sortParts(split(drawn));
  dropEmptyGroups(parts.body);
  std::set<std::string> used = usedSymbols(parts);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" "
      "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{}\" "
      "height=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\" "
      "fill=\"none\" stroke-width=\"1\" font-size=\"12\" "
      "font-family=\"Helvetica, Arial, sans-serif\">\n",
      width, height, width, height, escaped(title));
  std::string symbols;
  for (const std::string &symbol : parts.symbols)
    if (used.contains(idAfter(symbol, "id='")))
      symbols += symbol;
  if (!symbols.empty())
    parts.body.insert(parts.body.begin(), {"<defs>", symbols, "</defs>\n"});
  for (std::string &part : parts.body) {
    if (part.starts_with("<")) {
      replaceAll(part, " id='", fmt::format(" id='{}-", prefix));
      replaceAll(part, "href='#", fmt::format("href='#{}-", prefix));
      // What the whole has, or what holds anyway, need not be in every part.
      for (const char *common :
           {" fill=\"none\"", " stroke-width=\"1.00\"",
            " stroke-linecap=\"butt\"", " stroke-linejoin=\"miter\"",
            " font-family=\"Helvetica\"", " font-size=\"12.00\""})
        replaceAll(part, common, "");
      if (size_t id = part.find(" id=\"gnuplot_"); id != part.npos)
        part.erase(id, part.find('"', id + 5) + 1 - id);
      // The pixels of a picture are data: nothing between them is.
      replaceAll(part, "<image ", "<image style='image-rendering:pixelated' ");
    }
    svg += part;
    if (part == "</g>")
      svg += '\n';
  }
  return svg + "</svg>\n";
}

std::string dale::report::combineSvg(const std::vector<PlacedSvg> &pictures,
                                     const std::vector<PlacedText> &texts,
                                     int width, int height) {
  std::string svg = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" "
      "viewBox=\"0 0 {} {}\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#ffffff\"/>\n",
      width, height, width, height);
  for (const PlacedText &text : texts)
    svg += fmt::format("<text x=\"{}\" y=\"{}\" font-family=\"Helvetica, "
                       "Arial, sans-serif\" font-size=\"14\" "
                       "font-weight=\"bold\">{}</text>\n",
                       text.x, text.y, escaped(text.text));
  for (const PlacedSvg &picture : pictures)
    svg += fmt::format("<svg x=\"{}\" y=\"{}\"", picture.x, picture.y) +
           std::string(picture.svg.substr(4));
  return svg + "</svg>\n";
}
