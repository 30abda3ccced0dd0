namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>Writes the end of functions that make bytes of sums in vector registers: sum · scale, rounded, plus the zero point, within the range; in 16 bits and 8 bits, saturated, four vectors together.</summary>
/// <param name="code">Where to write.</param>
/// <param name="firstSum">The vector of the first sums; the others follow, row by row.</param>
/// <param name="vectors">Vectors of a row.</param>
internal sealed class VnniBytes(X64Assembler code, int firstSum, int vectors)
{
    /// <summary>Vectors 0 to 5 need not be saved by any convention: one for what is written, and constants, which are loaded once.</summary>
    private const int Part = 0, Order = 1, Zeros = 2, Scales = 3;

    /// <summary>Where the fields of a <see cref="VnniRange"/> are.</summary>
    private const int AtOrder = 0, AtZeros = 64, AtLowest = 128, AtHighest = 192;

    /// <summary>Loads what stays the same.</summary>
    /// <param name="range">Holds the address of the range.</param>
    /// <param name="scales">Holds the address of the scales.</param>
    public void Load(Register range, Register scales)
    {
        for (int vector = 0; vector < vectors; vector++) code.LoadVector(Scales + vector, new Address(scales, 4 * VnniTile.Lanes * vector));
        code.LoadVector(Order, new Address(range, AtOrder));
        code.LoadVector(Zeros, new Address(range, AtZeros));
    }

    /// <summary>Writes rows of bytes.</summary>
    /// <param name="range">Holds the address of the range.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="signed">True for I8.</param>
    /// <param name="masked">True to write what the mask names only.</param>
    /// <param name="target">Where each row is.</param>
    public void Write(Register range, int rows, bool signed, bool masked, Func<int, Address> target)
    {
        // Two rows of two vectors, or four rows of one; the last row again where there are no more.
        int together = 4 / vectors;
        for (int first = 0; first < rows; first += together)
        {
            int count = Math.Min(together, rows - first);
            for (int sum = Sum(first); sum < Sum(first + count); sum++)
            {
                code.ToFloats(sum, sum);
                code.Multiply(sum, sum, Scales + (sum - firstSum) % vectors);
                code.ToIntegers(sum, sum);
            }
            int[] four = [.. Enumerable.Range(0, 4).Select(i => Sum(first + Math.Min(i / vectors, count - 1)) + i % vectors)];
            code.PackShorts(four[0], four[0], four[1]);
            code.AddShorts(four[0], four[0], Zeros);
            if (four[2] != four[0])
            {
                code.PackShorts(four[2], four[2], four[3]);
                code.AddShorts(four[2], four[2], Zeros);
            }
            code.PackBytes(four[0], four[0], four[2], signed);
            code.Largest(four[0], four[0], new Address(range, AtLowest), signed);
            code.Smallest(four[0], four[0], new Address(range, AtHighest), signed);
            code.Permute(four[0], Order, four[0]);
            for (int row = 0; row < count; row++)
            {
                int part = row == 0 ? four[0] : Part;
                if (row > 0 && vectors == 2) code.Upper(part, four[0]);
                else if (row > 0) code.Quarter(part, four[0], row);
                code.StoreBytes(target(first + row), part, VnniTile.Lanes * vectors, masked);
            }
        }
    }

    private int Sum(int row) => firstSum + row * vectors;
}
