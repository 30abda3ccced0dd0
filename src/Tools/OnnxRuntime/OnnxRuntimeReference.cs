using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Reference;
using Microsoft.ML.OnnxRuntime;
using ErrorCode = EdgeRuntime.Diagnostics.ErrorCode;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace EdgeRuntime.Tools.OnnxRuntime;

/// <summary>ONNX Runtime as edgert's reference. edgert creates it by name; see ReferenceRuntime there.</summary>
public sealed class OnnxRuntimeReference : IReferenceRuntime
{
    /// <summary>Creates the reference.</summary>
    /// <param name="nativeLibrary">The native library, or null to leave finding it to the package.</param>
    public OnnxRuntimeReference(string nativeLibrary)
    {
        if (nativeLibrary is null) return;
        NativeLibrary.SetDllImportResolver(typeof(InferenceSession).Assembly,
            (name, _, _) => name.Contains("onnxruntime", StringComparison.Ordinal) ? NativeLibrary.Load(nativeLibrary) : 0);
    }

    /// <inheritdoc/>
    public string Name => "onnxruntime";

    /// <inheritdoc/>
    public string Version => OrtEnv.Instance().GetVersionString();

    /// <inheritdoc/>
    public IReferenceModel Load(byte[] model, string folder, int threads, bool optimize)
    {
        using Microsoft.ML.OnnxRuntime.SessionOptions options = Options(threads, optimize);
        if (folder is not null) options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
        return Guard(() => new Model(new InferenceSession(model, options)));
    }

    /// <inheritdoc/>
    public IReferenceModel LoadFile(string path, int threads)
    {
        using Microsoft.ML.OnnxRuntime.SessionOptions options = Options(threads, optimize: true);
        return Guard(() => new Model(new InferenceSession(path, options)));
    }

    private static Microsoft.ML.OnnxRuntime.SessionOptions Options(int threads, bool optimize) => new()
    {
        IntraOpNumThreads = threads,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        // What goes wrong is in exceptions, too.
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };

    private static T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (OnnxRuntimeException e)
        {
            throw new EdgeException(ErrorCode.UnsupportedOnnx, $"ONNX Runtime refuses the model: {e.Message}", "Without a reference there is nothing to compare with.", e);
        }
    }

    private sealed class Model(InferenceSession session) : IReferenceModel
    {
        private OrtValue[] inputs = [];
        private readonly RunOptions options = new();
        private string[] inputNames = [], outputNames = [];

        public void SetInputs(IReadOnlyList<(string Name, TensorView Value)> values)
        {
            foreach (OrtValue value in inputs) value.Dispose();
            inputNames = [.. values.Select(v => v.Name)];
            // Asking for an optional value that is none ends the process.
            outputNames = [.. session.OutputNames.Where(name => session.OutputMetadata[name].OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR)];
            inputs = [.. values.Select(v => ToOrt(v.Value))];
        }

        public void Run()
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = Guard(() => session.Run(options, inputNames, inputs, outputNames));
        }

        public IReadOnlyDictionary<string, Tensor> RunAndRead()
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = Guard(() => session.Run(options, inputNames, inputs, outputNames));
            var results = new Dictionary<string, Tensor>();
            for (int i = 0; i < outputNames.Length; i++)
                if (outputs[i].IsTensor && TypeOf(outputs[i].GetTensorTypeAndShape().ElementDataType) is { } type) results[outputNames[i]] = ToTensor(outputs[i], type);
            return results;
        }

        public void Dispose()
        {
            foreach (OrtValue value in inputs) value.Dispose();
            options.Dispose();
            session.Dispose();
        }

        private static OrtValue ToOrt(TensorView view)
        {
            long[] shape = Array.ConvertAll(view.Shape.Span.ToArray(), d => (long)d);
            if (view.DataType == DataType.Text)
            {
                OrtValue texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
                Span<TextElement> elements = view.Span<TextElement>();
                for (int i = 0; i < elements.Length; i++) texts.StringTensorSetElementAt(elements[i].ToString().AsSpan(), i);
                return texts;
            }
            OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TypeOf(view.DataType), shape);
            view.Bytes.CopyTo(value.GetTensorMutableRawData());
            return value;
        }

        private static Tensor ToTensor(OrtValue value, DataType type)
        {
            var tensor = new Tensor(new TensorType(type, new Shape(Array.ConvertAll(value.GetTensorTypeAndShape().Shape, d => (int)d))));
            if (type == DataType.Text)
            {
                string[] texts = value.GetStringTensorAsArray();
                for (int i = 0; i < texts.Length; i++) tensor.Span<TextElement>()[i] = TextElement.From(texts[i]);
            }
            else if (tensor.Shape.Count > 0) value.GetTensorMutableRawData().CopyTo(tensor.View.Bytes);
            return tensor;
        }

        private static TensorElementType TypeOf(DataType type) => Types.First(t => t.Ours == type).Theirs;

        private static DataType? TypeOf(TensorElementType type) => Types.Where(t => t.Theirs == type).Select(t => (DataType?)t.Ours).FirstOrDefault();

        private static readonly (DataType Ours, TensorElementType Theirs)[] Types =
        [
            (DataType.F32, TensorElementType.Float), (DataType.F64, TensorElementType.Double), (DataType.F16, TensorElementType.Float16),
            (DataType.BF16, TensorElementType.BFloat16), (DataType.I8, TensorElementType.Int8), (DataType.U8, TensorElementType.UInt8),
            (DataType.I16, TensorElementType.Int16), (DataType.U16, TensorElementType.UInt16), (DataType.I32, TensorElementType.Int32),
            (DataType.U32, TensorElementType.UInt32), (DataType.I64, TensorElementType.Int64), (DataType.U64, TensorElementType.UInt64),
            (DataType.Bool, TensorElementType.Bool), (DataType.Text, TensorElementType.String),
        ];
    }
}
