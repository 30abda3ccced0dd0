using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>ONNX's operators for classical machine learning: what prepares features, linear models, and trees.</summary>
internal static class ClassicalLearning
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("ai.onnx.ml.ArrayFeatureExtractor", ArrayFeatureExtractor),
        ("ai.onnx.ml.Binarizer", n => [n.Cast(n.Binary(BinaryFunction.Greater, n.Input(0), n.Scalar(n.Input(0).Type.DataType, n.Attributes.Float("threshold", 0))), n.Input(0).Type.DataType)]),
        ("ai.onnx.ml.CategoryMapper", CategoryMapper),
        ("ai.onnx.ml.FeatureVectorizer", n => [n.Add1(new Concat { Axis = 1 }, [.. n.AllInputs().Select(x => n.Cast(x, DataType.F32))])]),
        ("ai.onnx.ml.Imputer", Imputer),
        ("ai.onnx.ml.LabelEncoder", LabelEncoder),
        ("ai.onnx.ml.LinearClassifier", LinearClassifier),
        ("ai.onnx.ml.LinearRegressor", LinearRegressor),
        ("ai.onnx.ml.Normalizer", Normalizer),
        ("ai.onnx.ml.OneHotEncoder", OneHotEncoder),
        ("ai.onnx.ml.Scaler", Scaler),
        ("ai.onnx.ml.SVMRegressor", SupportVectors),
        ("ai.onnx.ml.TreeEnsembleClassifier", Trees.Classifier),
        ("ai.onnx.ml.TreeEnsembleRegressor", Trees.Regressor),
        // A map from classes to scores for each row: the scores stay a tensor, in the order of the classes.
        ("ai.onnx.ml.ZipMap", n => [n.Input(0)]),
    ];

    private static Value[] ArrayFeatureExtractor(OnnxNode node)
    {
        Value x = node.Input(0);
        if (node.Rank(x) == 1) x = node.Prepare(new Unsqueeze { Axes = [0] }, x);
        return [node.Add1(new Gather { Axis = -1 }, x, node.Reshape(node.Input(1), -1))];
    }

    private static Value[] CategoryMapper(OnnxNode node)
    {
        Value texts = node.Constant(Texts.Tensor(node.Attributes.Strings("cats_strings"))), numbers = node.Integers(node.Attributes.Ints("cats_int64s"));
        Value x = node.Input(0);
        return x.Type.DataType == DataType.Text
            ? [node.Add1(new KeyMap(), x, texts, numbers, node.Scalar(DataType.I64, node.Attributes.Int("default_int64", -1)))]
            : [node.Add1(new KeyMap(), x, numbers, texts, node.Constant(Texts.Tensor(node.Attributes.String("default_string", "_Unused"))))];
    }

    private static Value[] Imputer(OnnxNode node)
    {
        Value x = node.Input(0);
        if (x.Type.DataType == DataType.F32)
        {
            float missing = node.Attributes.Float("replaced_value_float", 0);
            Value values = node.Constant(Tensor.Vector<float>(node.Attributes.Floats("imputed_value_floats")));
            Value gap = float.IsNaN(missing) ? node.Unary(UnaryFunction.IsNaN, x) : node.Binary(BinaryFunction.Equal, x, node.Scalar(DataType.F32, missing));
            return [node.Add1(new Where(), gap, values, x)];
        }
        Value integers = node.Integers(node.Attributes.Ints("imputed_value_int64s"));
        Value equal = node.Binary(BinaryFunction.Equal, x, node.Scalar(DataType.I64, node.Attributes.Int("replaced_value_int64", 0)));
        return [node.Add1(new Where(), equal, integers, x)];
    }

    private static Value[] LabelEncoder(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        if (given.Has("classes_strings"))
        {
            string[] classes = given.Strings("classes_strings");
            Value texts = node.Constant(Texts.Tensor(classes)), numbers = node.Integers([.. Enumerable.Range(0, classes.Length).Select(i => (long)i)]);
            return node.Input(0).Type.DataType == DataType.Text
                ? [node.Add1(new KeyMap(), node.Input(0), texts, numbers, node.Scalar(DataType.I64, given.Int("default_int64", -1)))]
                : [node.Add1(new KeyMap(), node.Input(0), numbers, texts, node.Constant(Texts.Tensor(given.String("default_string", "_Unused"))))];
        }
        Tensor keys = List(node, "keys"), values = List(node, "values");
        Tensor other = given.Tensor("default_tensor") ?? values.Type.DataType switch
        {
            DataType.Text => Texts.Tensor(given.String("default_string", "_Unused")),
            DataType.I64 => Tensor.Scalar(given.Int("default_int64", -1)),
            _ => Tensor.Scalar(given.Float("default_float", -0f)),
        };
        return [node.Add1(new KeyMap(), node.Input(0), node.Constant(keys), node.Constant(values), node.Constant(other))];
    }

    private static Tensor List(OnnxNode node, string name) => node.Attributes switch
    {
        var a when a.Has($"{name}_tensor") => a.Tensor($"{name}_tensor") ?? Tensor.Vector<float>(),
        var a when a.Has($"{name}_strings") => Texts.Tensor(a.Strings($"{name}_strings")),
        var a when a.Has($"{name}_int64s") => Tensor.Vector<long>(a.Ints($"{name}_int64s")),
        var a when a.Has($"{name}_floats") => Tensor.Vector<float>(a.Floats($"{name}_floats")),
        _ => throw node.Problem($"it has no {name}"),
    };

    private static Value[] LinearRegressor(OnnxNode node)
    {
        int targets = node.Attributes.Int32("targets", 1);
        Value y = Linear(node, node.Attributes.Floats("coefficients"), targets);
        return [Transform(node, y)];
    }

    /// <summary>Scores of classes; one score for two classes is that of the second.</summary>
    private static Value[] LinearClassifier(OnnxNode node)
    {
        float[] intercepts = node.Attributes.Floats("intercepts");
        int classes = Math.Max(1, intercepts.Length);
        Value labels = Labels(node), scores = Linear(node, node.Attributes.Floats("coefficients"), classes);
        bool both = classes == 1 && labels.Type.Shape[0] == 2;
        Value chosen = both ? node.Cast(node.Binary(BinaryFunction.Greater, node.Reshape(scores, -1), node.Scalar(DataType.F32, 0)), DataType.I64)
            : node.Prepare(new ArgMax { Axis = 1, KeepDims = false }, scores);
        scores = Transform(node, scores);
        if (both) scores = node.Prepare(new Concat { Axis = 1 }, node.Binary(BinaryFunction.Sub, node.Scalar(DataType.F32, 1), scores), scores);
        return [node.Add1(new Gather(), labels, chosen), scores];
    }

    /// <summary>x·coefficientsᵀ + intercepts.</summary>
    private static Value Linear(OnnxNode node, float[] coefficients, int targets)
    {
        if (targets < 1 || coefficients.Length % targets != 0) throw node.Problem($"{coefficients.Length} coefficients are not those of {targets} targets");
        Value weight = node.Constant(Tensor.From<float>(new Shape(targets, coefficients.Length / targets), coefficients));
        float[] intercepts = node.Attributes.Floats("intercepts");
        Value? bias = intercepts.Length == 0 ? null : node.Constant(Tensor.Vector<float>(intercepts));
        Value x = node.Cast(node.Input(0), DataType.F32);
        if (node.Rank(x) == 1) x = node.Prepare(new Unsqueeze { Axes = [0] }, x);
        return node.Prepare(new MatMul { TransposeB = true }, x, weight, bias);
    }

    private static Value[] Normalizer(OnnxNode node)
    {
        Value x = node.Cast(node.Input(0), DataType.F32);
        ReduceFunction function = node.Attributes.OneOf("norm", "MAX", "L1", "L2") switch { "MAX" => ReduceFunction.Max, "L1" => ReduceFunction.L1, _ => ReduceFunction.L2 };
        Value norm = node.Prepare(new Reduce { Function = function, Axes = [-1] }, x);
        // Rows of zeros stay.
        Value zero = node.Binary(BinaryFunction.Equal, norm, node.Scalar(DataType.F32, 0));
        return [node.Binary(BinaryFunction.Div, x, node.Prepare(new Where(), zero, node.Scalar(DataType.F32, 1), norm))];
    }

    private static Value[] OneHotEncoder(OnnxNode node)
    {
        Value x = node.Input(0);
        Value categories = x.Type.DataType == DataType.Text ? node.Constant(Texts.Tensor(node.Attributes.Strings("cats_strings"))) : node.Integers(node.Attributes.Ints("cats_int64s"));
        if (x.Type.DataType != DataType.Text) x = node.Cast(x, DataType.I64);
        return [node.Cast(node.Binary(BinaryFunction.Equal, node.Prepare(new Unsqueeze { Axes = [-1] }, x), categories), DataType.F32)];
    }

    private static Value[] Scaler(OnnxNode node)
    {
        Value x = node.Cast(node.Input(0), DataType.F32);
        float[] offset = node.Attributes.Floats("offset", 0), scale = node.Attributes.Floats("scale", 1);
        return [node.Binary(BinaryFunction.Mul, node.Binary(BinaryFunction.Sub, x, node.Constant(Tensor.Vector<float>(offset))), node.Constant(Tensor.Vector<float>(scale)))];
    }

    /// <summary>A sum over support vectors, weighted by how much each is like the input.</summary>
    private static Value[] SupportVectors(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        float[] coefficients = given.Floats("coefficients"), vectors = given.Floats("support_vectors"), rho = given.Floats("rho", 0), kernel = given.Floats("kernel_params", 0, 0, 3);
        int count = given.Int32("n_supports", 0);
        if (given.Bool("one_class", false) || count < 1 || vectors.Length % count != 0 || coefficients.Length != count || kernel.Length != 3)
            throw node.Problem("only regression by support vectors is supported");
        Value x = node.Cast(node.Input(0), DataType.F32), support = node.Constant(Tensor.From<float>(new Shape(count, vectors.Length / count), vectors));
        Value products = node.Prepare(new MatMul { TransposeB = true }, x, support);
        Value Scaled() => node.Binary(BinaryFunction.Add, node.Binary(BinaryFunction.Mul, products, node.Scalar(DataType.F32, kernel[0])), node.Scalar(DataType.F32, kernel[1]));
        Value Apart() => node.Prepare(new Reduce { Function = ReduceFunction.SumSquare, Axes = [2], KeepDims = false },
            node.Binary(BinaryFunction.Sub, node.Prepare(new Unsqueeze { Axes = [1] }, x), support));
        Value likeness = given.OneOf("kernel_type", "LINEAR", "POLY", "RBF", "SIGMOID") switch
        {
            "LINEAR" => products,
            "POLY" => node.Binary(BinaryFunction.Pow, Scaled(), node.Scalar(DataType.F32, kernel[2])),
            "RBF" => node.Unary(UnaryFunction.Exp, node.Binary(BinaryFunction.Mul, Apart(), node.Scalar(DataType.F32, -kernel[0]))),
            _ => node.Unary(UnaryFunction.Tanh, Scaled()),
        };
        Value weight = node.Constant(Tensor.From<float>(new Shape(count, 1), coefficients));
        return [Transform(node, node.Binary(BinaryFunction.Add, node.Prepare(new MatMul(), likeness, weight), node.Scalar(DataType.F32, rho[0])))];
    }

    /// <summary>The classes' names or numbers.</summary>
    public static Value Labels(OnnxNode node)
    {
        foreach (string name in (string[])["classlabels_strings", "classlabels_int64s", "classlabels_ints"])
            if (node.Attributes.Has(name))
                return name == "classlabels_strings" ? node.Constant(Texts.Tensor(node.Attributes.Strings(name))) : node.Integers(node.Attributes.Ints(name));
        throw node.Problem("it names no classes");
    }

    /// <summary>What is done to scores in the end.</summary>
    public static Value Transform(OnnxNode node, Value scores) => node.Attributes.String("post_transform", "NONE") switch
    {
        "NONE" => scores,
        "LOGISTIC" => node.Unary(UnaryFunction.Sigmoid, scores),
        "SOFTMAX" => node.Prepare(new Softmax(), scores),
        string other => throw node.Problem($"the transformation '{other}' is not supported"),
    };
}
