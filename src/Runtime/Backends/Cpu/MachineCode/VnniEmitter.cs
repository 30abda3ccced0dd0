namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>Writes the functions of <see cref="VnniTile"/>, one for each kind of result, number of rows, and number of vectors. Each takes the address of a <see cref="VnniTile.Call"/>.</summary>
internal static class VnniEmitter
{
    /// <summary>Vectors 16 to 31 need not be saved by any convention: 12 sums, two of weights, two of rows; the last four hold what bytes are made with, once there are sums. What is left over has vectors 0 and 1.</summary>
    private const int FirstSum = 16, Weights = 28, Numbers = 30, Scales = 28, Order = 30, Zeros = 31, Part = 0;

    /// <summary>Where the fields of a call and of a range are.</summary>
    private const int AtA = 0, AtStep = 8, AtB = 16, AtQuads = 24, AtStart = 32, AtTarget = 40, AtNext = 48, AtMask = 56, AtScales = 64, AtRange = 72, AtOrder = 0, AtZeros = 64, AtLowest = 128, AtHighest = 192;

    /// <summary>Bytes of a vector.</summary>
    private const int Vector = 64;

    /// <summary>The number of a function.</summary>
    public static int Number(VnniResult result, int rows, int vectors) => ((int)result * VnniTile.Rows + rows - 1) * 2 + vectors - 1;

    /// <summary>The code of all functions, and where each begins.</summary>
    /// <param name="windows">True where the first argument comes in rcx, false where it comes in rdi.</param>
    public static (byte[] Code, int[] Entries) Emit(bool windows)
    {
        var code = new X64Assembler();
        var entries = new List<int>();
        foreach (VnniResult result in Enum.GetValues<VnniResult>())
            for (int rows = 1; rows <= VnniTile.Rows; rows++)
                for (int vectors = 1; vectors <= 2; vectors++)
                {
                    entries.Add(code.Align());
                    Register call = windows ? Register.Rcx : Register.Rdi;
                    Multiply(code, call, rows, vectors);
                    if (result == VnniResult.Sums) WriteSums(code, call, rows, vectors);
                    else WriteBytes(code, call, rows, vectors, result == VnniResult.I8);
                    code.Return();
                }
        return (code.ToArray(), [.. entries]);
    }

    /// <summary>The vector of sums of a row.</summary>
    private static int Sum(int row, int vector, int vectors) => FirstSum + row * vectors + vector;

    /// <summary>sums[m, n] = start[n] + sum over k of a[m, k] * b[k, n].</summary>
    private static void Multiply(X64Assembler code, Register call, int rows, int vectors)
    {
        const Register B = Register.R8, Quads = Register.R9, Start = Register.R10;
        (Register a, Register fourth) = FirstAndFourth(code, call, rows, AtA, AtStep);
        code.Load(B, new Address(call, AtB));
        code.Load(Quads, new Address(call, AtQuads));
        code.Load(Start, new Address(call, AtStart));
        for (int row = 0; row < rows; row++)
            for (int vector = 0; vector < vectors; vector++) code.LoadVector(Sum(row, vector, vectors), new Address(Start, Vector * vector));

        int loop = code.Position;
        for (int vector = 0; vector < vectors; vector++) code.LoadVector(Weights + vector, new Address(B, Vector * vector));
        for (int row = 0; row < rows; row++)
        {
            int number = Numbers + row % 2;
            code.Broadcast(number, Row(row));
            for (int vector = 0; vector < vectors; vector++) code.MultiplyAdd(Sum(row, vector, vectors), number, Weights + vector);
        }
        code.Add(a, 4);
        if (rows > 3) code.Add(fourth, 4);
        code.Add(B, Vector * vectors);
        code.Subtract(Quads, 1);
        code.JumpIfNotZero(loop);
    }

    /// <summary>Sums as they are.</summary>
    private static void WriteSums(X64Assembler code, Register call, int rows, int vectors)
    {
        code.Load(Register.Rax, new Address(call, AtTarget));
        for (int row = 0; row < rows; row++)
            for (int vector = 0; vector < vectors; vector++) code.StoreVector(new Address(Register.Rax, (row * 2 + vector) * Vector), Sum(row, vector, vectors));
    }

    /// <summary>bytes[m, n] = sums[m, n] · scale[n], rounded, plus the zero point, within the range: in 16 bits and 8 bits, saturated, four vectors together.</summary>
    private static void WriteBytes(X64Assembler code, Register call, int rows, int vectors, bool signed)
    {
        const Register Range = Register.R9, Factors = Register.R8;
        code.Load(Register.Rax, new Address(call, AtMask));
        code.SetMask();
        code.Load(Range, new Address(call, AtRange));
        code.Load(Factors, new Address(call, AtScales));
        FirstAndFourth(code, call, rows, AtTarget, AtNext);
        for (int vector = 0; vector < vectors; vector++) code.LoadVector(Scales + vector, new Address(Factors, Vector * vector));
        code.LoadVector(Order, new Address(Range, AtOrder));
        code.LoadVector(Zeros, new Address(Range, AtZeros));
        // Two rows of two vectors, or four rows of one; the last row again where there are no more.
        int together = 4 / vectors;
        for (int first = 0; first < rows; first += together)
        {
            int count = Math.Min(together, rows - first);
            for (int sum = Sum(first, 0, vectors); sum < Sum(first + count, 0, vectors); sum++)
            {
                code.ToFloats(sum, sum);
                code.Multiply(sum, sum, Scales + (sum - FirstSum) % vectors);
                code.ToIntegers(sum, sum);
            }
            int[] four = [.. Enumerable.Range(0, 4).Select(i => Sum(first + Math.Min(i / vectors, count - 1), i % vectors, vectors))];
            code.PackShorts(four[0], four[0], four[1]);
            code.AddShorts(four[0], four[0], Zeros);
            if (four[2] != four[0])
            {
                code.PackShorts(four[2], four[2], four[3]);
                code.AddShorts(four[2], four[2], Zeros);
            }
            code.PackBytes(four[0], four[0], four[2], signed);
            code.Largest(four[0], four[0], new Address(Range, AtLowest), signed);
            code.Smallest(four[0], four[0], new Address(Range, AtHighest), signed);
            code.Permute(four[0], Order, four[0]);
            for (int row = 0; row < count; row++)
            {
                int part = row == 0 ? four[0] : Part;
                if (row > 0 && vectors == 2) code.Upper(part, four[0]);
                else if (row > 0) code.Quarter(part, four[0], row);
                code.StoreBytes(Row(first + row), part, VnniTile.Lanes * vectors);
            }
        }
        code.ZeroUpper();
    }

    /// <summary>Two of six rows have registers of their own; see <see cref="Row"/>.</summary>
    private static (Register First, Register Fourth) FirstAndFourth(X64Assembler code, Register call, int rows, int first, int step)
    {
        code.Load(Register.Rax, new Address(call, first));
        code.Load(Register.Rdx, new Address(call, step));
        if (rows > 3)
        {
            code.LoadAddress(Register.R11, new Address(Register.Rax, 0, Register.Rdx, 2));
            code.LoadAddress(Register.R11, new Address(Register.R11, 0, Register.Rdx));
        }
        return (Register.Rax, Register.R11);
    }

    /// <summary>Where a row is: none, one or two steps from the first or the fourth one.</summary>
    private static Address Row(int row)
    {
        Register from = row < 3 ? Register.Rax : Register.R11;
        return row % 3 == 0 ? new Address(from) : new Address(from, 0, Register.Rdx, row % 3);
    }
}
