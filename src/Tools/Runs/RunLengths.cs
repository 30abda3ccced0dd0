using System.Text.Json;

namespace EdgeRuntime.Tools.Runs;

/// <summary>
/// A mask as run lengths, as COCO's annotations have them uncompressed: column after column from the left, each from the top, how many pixels are out, then how many are in, and so on. The first count may
/// be 0.
/// </summary>
internal static class RunLengths
{
    /// <summary>Writes the object with size (height, width) and counts.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="mask">A byte for each pixel, row by row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="least">The least value that is in.</param>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> mask, int width, int height, int least)
    {
        json.WriteStartObject("mask"u8);
        json.WriteStartArray("size"u8);
        json.WriteNumberValue(height);
        json.WriteNumberValue(width);
        json.WriteEndArray();
        json.WriteStartArray("counts"u8);
        (int length, bool inside) = (0, false);
        for (int x = 0; x < width; x++)
        {
            for (int y = 0, at = x; y < height; y++, at += width)
            {
                if (mask[at] >= least != inside)
                {
                    json.WriteNumberValue(length);
                    (length, inside) = (0, !inside);
                }
                length++;
            }
        }
        json.WriteNumberValue(length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
