namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>Writes the functions of <see cref="VnniTile"/>, one for each kind of result, number of rows, and number of vectors. Each takes the address of a <see cref="VnniTile.Call"/>.</summary>
internal static class VnniTileEmitter
{
    /// <summary>Vectors 16 to 31 need not be saved by any convention: 12 sums, two of weights, two of rows.</summary>
    private const int FirstSum = 16, Weights = 28, Numbers = 30;

    /// <summary>Where the fields of a call are.</summary>
    private const int AtA = 0, AtStep = 8, AtB = 16, AtQuads = 24, AtStart = 32, AtTarget = 40, AtNext = 48, AtMask = 56, AtScales = 64, AtRange = 72, AtBlocks = 80;

    /// <summary>Bytes of a vector.</summary>
    private const int Vector = 64;

    /// <summary>The number of a function.</summary>
    public static int Number(VnniResult result, int rows, int vectors) => ((int)result * VnniTile.Rows + rows - 1) * 2 + vectors - 1;

    /// <summary>Writes all functions and returns where each begins.</summary>
    /// <param name="code">Where to write.</param>
    /// <param name="call">What the first argument comes in.</param>
    public static int[] Emit(X64Assembler code, Register call)
    {
        var entries = new List<int>();
        foreach (VnniResult result in Enum.GetValues<VnniResult>())
            for (int rows = 1; rows <= VnniTile.Rows; rows++)
                for (int vectors = 1; vectors <= 2; vectors++)
                {
                    entries.Add(code.Align());
                    if (result == VnniResult.Sums) Sums(code, call, rows, vectors);
                    else Bytes(code, call, rows, vectors, result == VnniResult.I8);
                    code.Return();
                }
        return [.. entries];
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
    private static void Sums(X64Assembler code, Register call, int rows, int vectors)
    {
        Multiply(code, call, rows, vectors);
        code.Load(Register.Rax, new Address(call, AtTarget));
        for (int row = 0; row < rows; row++)
            for (int vector = 0; vector < vectors; vector++) code.StoreVector(new Address(Register.Rax, (row * 2 + vector) * Vector), Sum(row, vector, vectors));
    }

    /// <summary>Sums as bytes; of the most rows block by block.</summary>
    private static void Bytes(X64Assembler code, Register call, int rows, int vectors, bool signed)
    {
        const Register Range = Register.R9, Factors = Register.R8;
        var bytes = new VnniBytes(code, FirstSum, vectors);
        code.Load(Register.Rax, new Address(call, AtMask));
        code.SetMask();
        code.Load(Range, new Address(call, AtRange));
        code.Load(Factors, new Address(call, AtScales));
        bytes.Load(Range, Factors);

        int block = code.Position;
        Multiply(code, call, rows, vectors);
        code.Load(Range, new Address(call, AtRange));
        FirstAndFourth(code, call, rows, AtTarget, AtNext);
        bytes.Write(Range, rows, signed, masked: true, Row);
        if (rows == VnniTile.Rows)
        {
            SixFurther(code, call, AtTarget, AtNext);
            SixFurther(code, call, AtA, AtStep);
            code.Load(Register.Rax, new Address(call, AtBlocks));
            code.Subtract(Register.Rax, 1);
            code.Store(new Address(call, AtBlocks), Register.Rax);
            code.JumpIfNotZero(block);
        }
        code.ZeroUpper();
    }

    /// <summary>Moves a field by six steps.</summary>
    private static void SixFurther(X64Assembler code, Register call, int field, int step)
    {
        code.Load(Register.Rax, new Address(call, field));
        code.Load(Register.Rdx, new Address(call, step));
        code.LoadAddress(Register.Rax, new Address(Register.Rax, 0, Register.Rdx, 4));
        code.LoadAddress(Register.Rax, new Address(Register.Rax, 0, Register.Rdx, 2));
        code.Store(new Address(call, field), Register.Rax);
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
